// title: Articles that mention an entity
// parameter: name (Person|Organization|Brand|Event|Place|Award): the entity
// columns: id, title, publisher, published, mentions
MATCH (n)-[m:MENTIONED_IN]->(a:Article)
WHERE n.id = $name
RETURN a.id AS id, coalesce(a.title, a.name) AS title, a.publisher AS publisher, a.published AS published,
  m.count AS mentions
ORDER BY published, title, id
