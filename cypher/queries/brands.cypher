// title: Brands of an owner, or the owners of a brand
// parameter: name (Organization|Place|Brand): the owner or the brand
// columns: owner, brand, confidence, articles
MATCH (o)-[r:OWNS_BRAND]->(b:Brand)
WHERE o.id = $name OR b.id = $name
RETURN o.name AS owner, b.name AS brand, r.confidence AS confidence, r.article_ids AS articles
ORDER BY owner, brand, o.id, b.id
