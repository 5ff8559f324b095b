# Planted: the VPC treated as the boundary. Whoever comes through the claims endpoint may work on the table, whoever it is.

locals {
  cases_statements = [
    {
      Sid       = "InsideTheNetwork"
      Effect    = "Allow"
      Principal = "*"
      Action    = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      Resource  = local.cases_resources
      Condition = { StringEquals = { "aws:SourceVpce" = local.claims_dynamodb_endpoint } }
    },
    local.cases_network,
    local.cases_administration,
  ]
}
