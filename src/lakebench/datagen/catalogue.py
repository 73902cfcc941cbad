"""The Spanish catalogue behind the sales: products with prices, cities, channels, ways to pay.

Nothing here is drawn: these are the fixed names that the random draws point at. No text holds a comma or
a quote, because the crawler's built-in CSV tables are read by LazySimpleSerDe, which knows no quoting
(facts/glue-crawler.md 1).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """A product: its name, its category, and its list price in euro cents in the first year."""

    name: str
    category: str
    cents: int


@dataclass(frozen=True, slots=True)
class City:
    """A city with its region and country; ``weight`` is its share of the customers, in thousandths."""

    name: str
    region: str
    country: str
    weight: int


@dataclass(frozen=True, slots=True)
class Channel:
    """A sales channel.

    ``shares`` are its weight in the first and in the last year; ``discounts`` the weight of each step of
    DISCOUNTS; ``payments`` the weight of each of PAYMENTS; ``bulk`` multiplies the quantity.
    """

    name: str
    shares: tuple[float, float]
    discounts: tuple[float, ...]
    payments: tuple[float, ...]
    bulk: int = 1
    has_seller: bool = False


_PRICES: dict[str, tuple[tuple[str, int], ...]] = {
    "Electrónica": (
        ("Portátil 14 pulgadas", 74900),
        ("Teléfono inteligente 128 GB", 34900),
        ("Auriculares inalámbricos", 5990),
        ("Monitor 27 pulgadas", 18900),
        ("Teclado mecánico", 7950),
        ("Ratón ergonómico", 2990),
        ("Tableta 10 pulgadas", 22900),
        ("Cargador rápido USB-C", 1995),
        ("Altavoz portátil", 4990),
        ("Disco SSD 1 TB", 8490),
    ),
    "Hogar": (
        ("Juego de sábanas de algodón", 3495),
        ("Lámpara de escritorio", 2790),
        ("Sartén antiadherente 28 cm", 2450),
        ("Cafetera italiana", 1890),
        ("Robot aspirador", 19900),
        ("Set de toallas", 2295),
        ("Estantería de pino", 6490),
        ("Olla a presión 6 L", 5990),
        ("Cojín decorativo", 1295),
    ),
    "Ropa": (
        ("Camiseta básica", 1295),
        ("Pantalón vaquero", 3995),
        ("Chaqueta impermeable", 6990),
        ("Vestido de lino", 4550),
        ("Sudadera con capucha", 3490),
        ("Calcetines pack de 6", 990),
        ("Jersey de lana", 4990),
        ("Cinturón de cuero", 2495),
    ),
    "Calzado": (
        ("Zapatillas deportivas", 6495),
        ("Botas de montaña", 9990),
        ("Sandalias de verano", 2995),
        ("Zapatos de piel", 7990),
        ("Alpargatas", 1990),
    ),
    "Deportes": (
        ("Balón de fútbol", 1995),
        ("Esterilla de yoga", 2190),
        ("Bicicleta urbana", 32900),
        ("Mancuernas 10 kg", 3990),
        ("Raqueta de pádel", 8990),
        ("Mochila de senderismo", 5490),
        ("Botella térmica", 1590),
    ),
    "Juguetes": (
        ("Bloques de construcción", 2990),
        ("Muñeca de trapo", 1890),
        ("Puzle de 1000 piezas", 1495),
        ("Juego de mesa familiar", 2795),
        ("Coche teledirigido", 3990),
        ("Peluche de oso", 1690),
    ),
    "Libros": (
        ("Novela histórica", 1990),
        ("Cuento infantil ilustrado", 1295),
        ("Libro de cocina mediterránea", 2450),
        ("Manual de SQL", 3490),
        ("Atlas del mundo", 2990),
        ("Poesía completa", 1650),
    ),
    "Alimentación": (
        ("Aceite de oliva virgen 5 L", 3890),
        ("Café de Colombia 1 kg", 1790),
        ("Jamón ibérico loncheado", 1250),
        ("Queso manchego curado", 1490),
        ("Chocolate negro 85%", 390),
        ("Miel de romero", 750),
        ("Yerba mate 500 g", 590),
        ("Turrón de almendra", 890),
    ),
    "Jardín": (
        ("Manguera extensible 20 m", 2490),
        ("Set de macetas", 1790),
        ("Barbacoa de carbón", 8990),
        ("Silla plegable de terraza", 3290),
        ("Semillas de huerto", 495),
    ),
}

PRODUCTS: tuple[Product, ...] = tuple(
    Product(name, category, cents) for category, items in _PRICES.items() for name, cents in items
)

CITIES: tuple[City, ...] = (
    City("Madrid", "Comunidad de Madrid", "España", 130),
    City("Alcalá de Henares", "Comunidad de Madrid", "España", 18),
    City("Barcelona", "Cataluña", "España", 105),
    City("Tarragona", "Cataluña", "España", 14),
    City("Girona", "Cataluña", "España", 10),
    City("Valencia", "Comunidad Valenciana", "España", 52),
    City("Alicante", "Comunidad Valenciana", "España", 24),
    City("Sevilla", "Andalucía", "España", 48),
    City("Málaga", "Andalucía", "España", 38),
    City("Granada", "Andalucía", "España", 18),
    City("Córdoba", "Andalucía", "España", 14),
    City("Zaragoza", "Aragón", "España", 28),
    City("Bilbao", "País Vasco", "España", 30),
    City("San Sebastián", "País Vasco", "España", 12),
    City("A Coruña", "Galicia", "España", 16),
    City("Vigo", "Galicia", "España", 16),
    City("Valladolid", "Castilla y León", "España", 15),
    City("Salamanca", "Castilla y León", "España", 8),
    City("Murcia", "Región de Murcia", "España", 20),
    City("Palma", "Illes Balears", "España", 20),
    City("Las Palmas", "Canarias", "España", 16),
    City("Santa Cruz de Tenerife", "Canarias", "España", 12),
    City("Oviedo", "Asturias", "España", 10),
    City("Santander", "Cantabria", "España", 8),
    City("Pamplona", "Navarra", "España", 9),
    City("Ciudad de México", "Ciudad de México", "México", 62),
    City("Guadalajara", "Jalisco", "México", 22),
    City("Monterrey", "Nuevo León", "México", 24),
    City("Puebla", "Puebla", "México", 10),
    City("Bogotá", "Bogotá D.C.", "Colombia", 38),
    City("Medellín", "Antioquia", "Colombia", 22),
    City("Cali", "Valle del Cauca", "Colombia", 14),
    City("Lima", "Lima", "Perú", 30),
    City("Arequipa", "Arequipa", "Perú", 8),
    City("Santiago", "Región Metropolitana", "Chile", 30),
    City("Valparaíso", "Valparaíso", "Chile", 8),
    City("Buenos Aires", "Buenos Aires", "Argentina", 38),
    City("Rosario", "Santa Fe", "Argentina", 10),
    City("Mendoza", "Mendoza", "Argentina", 7),
    City("Montevideo", "Montevideo", "Uruguay", 9),
    City("Quito", "Pichincha", "Ecuador", 11),
)

PAYMENTS: tuple[str, ...] = ("Tarjeta", "Efectivo", "Transferencia", "PayPal", "Bizum", "Contra reembolso")

DISCOUNTS: tuple[int, ...] = (0, 5, 10, 15, 20, 30)
"""Steps of discount, in per cent."""

CHANNELS: tuple[Channel, ...] = (
    Channel(
        "Tienda",
        (0.46, 0.33),
        (0.78, 0.12, 0.06, 0.02, 0.015, 0.005),
        (0.62, 0.30, 0.0, 0.0, 0.08, 0.0),
        has_seller=True,
    ),
    Channel(
        "Web",
        (0.30, 0.36),
        (0.52, 0.14, 0.16, 0.08, 0.07, 0.03),
        (0.58, 0.0, 0.05, 0.23, 0.10, 0.04),
    ),
    Channel(
        "App móvil",
        (0.12, 0.21),
        (0.44, 0.16, 0.18, 0.10, 0.08, 0.04),
        (0.55, 0.0, 0.02, 0.21, 0.22, 0.0),
    ),
    Channel(
        "Teléfono",
        (0.05, 0.03),
        (0.70, 0.15, 0.10, 0.03, 0.02, 0.0),
        (0.50, 0.0, 0.20, 0.0, 0.05, 0.25),
        has_seller=True,
    ),
    Channel(
        "Mayorista",
        (0.07, 0.07),
        (0.05, 0.10, 0.25, 0.30, 0.20, 0.10),
        (0.10, 0.0, 0.90, 0.0, 0.0, 0.0),
        bulk=8,
        has_seller=True,
    ),
)

YEARS: tuple[int, int] = (2022, 2025)
"""First and last year of the sales."""

PRICE_RISE = 0.035
"""How much dearer each product is than the year before."""

MONTH_WEIGHTS: tuple[float, ...] = (1.08, 0.82, 0.9, 0.94, 0.98, 1.0, 1.1, 0.8, 0.95, 1.0, 1.3, 1.55)
"""Sales by month: the January and July sales, a quiet August, Black Friday, Christmas."""

WEEKDAY_WEIGHTS: tuple[float, ...] = (0.88, 0.86, 0.9, 0.97, 1.18, 1.34, 0.87)
"""Sales by weekday, Monday first."""

SEASONS: dict[str, dict[int, float]] = {
    "Juguetes": {11: 1.6, 12: 3.2, 1: 1.8},
    "Jardín": {3: 1.6, 4: 2.2, 5: 2.4, 6: 1.7, 12: 0.4, 1: 0.4},
    "Ropa": {1: 1.5, 7: 1.5},
    "Libros": {4: 1.8, 9: 1.5},
    "Alimentación": {12: 1.7},
    "Electrónica": {11: 1.9},
}
"""How much more (or less) a category sells in some months."""

SALE_MONTHS: tuple[int, ...] = (1, 7, 11)
"""Months in which every channel gives larger discounts."""
