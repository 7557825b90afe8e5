check -f .
matrix -f .
explain -f . --from ip/203.0.113.7 --to shop/web --port 8080/tcp --perimeter=enforce
explain -f . --from ip/203.0.113.7 --to shop/db --port 5432/tcp --perimeter=enforce
explain -f . --from shop/db.cronjob --to shop/db --port 5432/tcp
graph -f .
