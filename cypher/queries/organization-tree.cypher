// title: Units of an organization, level by level
// parameter: organization (Organization): the organization
// columns: level, id, name
MATCH p = (u:Organization)-[:PART_OF*1..6]->(:Organization {id: $organization})
RETURN min(length(p)) AS level, u.id AS id, u.name AS name
ORDER BY level, name, id
