CREATE EXTERNAL TABLE ventas_raw (id int, producto string, precio double, region string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ','
LOCATION 's3://lake/raw/ventas/'
