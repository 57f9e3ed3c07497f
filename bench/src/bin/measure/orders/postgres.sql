INSERT INTO users (id, email, name, password, role, created_at, updated_at)
    VALUES (gen_random_uuid(), 'ada@example.com', 'Ada', '-', 'customer', now(), now());
INSERT INTO orders (id, status, ship_to, placed_at, customer_id, created_at, updated_at)
    SELECT
        gen_random_uuid(), 'pending',
        '{"street":"5 Harbour Street","city":"Hamburg","postal_code":"20457","country":"DE"}',
        timestamptz '2026-01-01' + n * interval '1 microsecond', (SELECT id FROM users), now(), now()
    FROM generate_series(1, 200) AS n;
INSERT INTO order_items (id, quantity, unit_price, order_id, product_id, created_at, updated_at)
    SELECT gen_random_uuid(), 2, 12.50, orders.id, products.id, now(), now()
    FROM orders, (SELECT id FROM products ORDER BY id LIMIT 3) AS products;
