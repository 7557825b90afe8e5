diff before before
diff before renamed
diff before labelled
diff before widened
diff before emptied
diff -o json widened before
diff before nowhere
diff before
