"""What scanned bytes cost: dated tariffs by region, rounding and minimum; Decimal only."""
