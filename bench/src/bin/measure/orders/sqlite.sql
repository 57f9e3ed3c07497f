PRAGMA busy_timeout = 10000;
BEGIN IMMEDIATE;
INSERT INTO users (id, email, name, password, role, created_at, updated_at)
    VALUES (randomblob(16), 'ada@example.com', 'Ada', '-', 'customer', 0, 0);
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
INSERT INTO orders (id, status, ship_to, placed_at, customer_id, created_at, updated_at)
    SELECT
        randomblob(16), 'pending',
        '{"street":"5 Harbour Street","city":"Hamburg","postal_code":"20457","country":"DE"}',
        1767225600000000 + n, (SELECT id FROM users), 0, 0
    FROM numbers;
INSERT INTO order_items (id, quantity, unit_price, order_id, product_id, created_at, updated_at)
    SELECT randomblob(16), 2, 1250, orders.id, products.id, 0, 0
    FROM orders, (SELECT id FROM products ORDER BY id LIMIT 3) AS products;
COMMIT;
