explain -f . --now 2030-01-01T00:00:00Z --perimeter=enforce --from ip/203.0.113.7 --to shop/web --port 80/tcp
explain -f . --now 2030-01-01T00:00:00Z --perimeter=enforce --from ip/203.0.113.7 --to ingress/gateway --port 443/tcp
explain -f . --now 2030-01-01T00:00:00Z --perimeter=enforce --from ingress/gateway --to shop/web --port 80/tcp
explain -f . --now 2130-01-01T00:00:00Z --perimeter=enforce --from ingress/gateway --to shop/web --port 80/tcp
explain -f . --from shop/nope --to shop/web --port 80
explain -f . --from shop/web --to shop/web
