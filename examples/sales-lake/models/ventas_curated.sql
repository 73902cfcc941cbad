CREATE TABLE ventas_curated
WITH (
  format = 'PARQUET',
  write_compression = 'SNAPPY',
  partitioned_by = ARRAY['region'],
  external_location = 's3://lake/curated/ventas/'
) AS
SELECT id, producto, CAST(precio AS double) AS precio, region FROM ventas_raw
