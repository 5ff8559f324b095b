# Where requests may come from: each workload's VPC reaches AWS through its own endpoints, and no endpoint carries
# a foreign caller, or a request to a foreign resource.

locals {
  vpcs = {
    claims   = { cidr = "10.20.0.0/16", gateways = ["s3", "dynamodb"], interfaces = ["kms", "logs", "secretsmanager", "sqs", "sts"] }
    payments = { cidr = "10.30.0.0/16", gateways = ["s3"], interfaces = ["kms", "logs", "sts"] }
    network  = { cidr = "10.10.0.0/16", gateways = [], interfaces = ["logs", "sts"] }
  }

  organization_traffic = {
    Sid       = "OurPrincipalsToOurResources"
    Effect    = "Allow"
    Principal = "*"
    Action    = "*"
    Resource  = "*"
    Condition = { StringEquals = { "aws:PrincipalOrgID" = local.org_id, "aws:ResourceOrgID" = local.org_id } }
  }

  # Image layers come from a bucket that AWS owns, by links that AWS signs.
  image_layers = {
    Sid       = "ImageLayers"
    Effect    = "Allow"
    Principal = "*"
    Action    = "s3:GetObject"
    Resource  = "arn:aws:s3:::prod-${var.region}-starport-layer-bucket/*"
  }

  gateway_policies = {
    s3       = jsonencode({ Version = "2012-10-17", Statement = [local.organization_traffic, local.image_layers] })
    dynamodb = jsonencode({ Version = "2012-10-17", Statement = [local.organization_traffic] })
  }
  interface_policy = jsonencode({ Version = "2012-10-17", Statement = [local.organization_traffic] })
}

resource "aws_vpc" "claims" {
  provider             = aws.claims
  cidr_block           = local.vpcs["claims"].cidr
  enable_dns_hostnames = true
  tags                 = { Name = "claims" }
  depends_on           = [aws_organizations_account.member]
}

resource "aws_subnet" "claims" {
  provider          = aws.claims
  vpc_id            = aws_vpc.claims.id
  cidr_block        = cidrsubnet(local.vpcs["claims"].cidr, 8, 1)
  availability_zone = "${var.region}a"
  tags              = { Name = "claims-private" }
}

resource "aws_route_table" "claims" {
  provider = aws.claims
  vpc_id   = aws_vpc.claims.id
  tags     = { Name = "claims-private" }
}

resource "aws_route_table_association" "claims" {
  provider       = aws.claims
  subnet_id      = aws_subnet.claims.id
  route_table_id = aws_route_table.claims.id
}

resource "aws_vpc_endpoint" "claims_gateway" {
  for_each          = toset(local.vpcs["claims"].gateways)
  provider          = aws.claims
  vpc_id            = aws_vpc.claims.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  route_table_ids   = [aws_route_table.claims.id]
  policy            = local.gateway_policies[each.key]
  tags              = { Name = "claims-${each.key}" }
}

resource "aws_vpc_endpoint" "claims_interface" {
  for_each            = toset(local.vpcs["claims"].interfaces)
  provider            = aws.claims
  vpc_id              = aws_vpc.claims.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = [aws_subnet.claims.id]
  private_dns_enabled = true
  policy              = local.interface_policy
  tags                = { Name = "claims-${each.key}" }
}

resource "aws_vpc" "payments" {
  provider             = aws.payments
  cidr_block           = local.vpcs["payments"].cidr
  enable_dns_hostnames = true
  tags                 = { Name = "payments" }
  depends_on           = [aws_organizations_account.member]
}

resource "aws_subnet" "payments" {
  provider          = aws.payments
  vpc_id            = aws_vpc.payments.id
  cidr_block        = cidrsubnet(local.vpcs["payments"].cidr, 8, 1)
  availability_zone = "${var.region}a"
  tags              = { Name = "payments-private" }
}

resource "aws_route_table" "payments" {
  provider = aws.payments
  vpc_id   = aws_vpc.payments.id
  tags     = { Name = "payments-private" }
}

resource "aws_route_table_association" "payments" {
  provider       = aws.payments
  subnet_id      = aws_subnet.payments.id
  route_table_id = aws_route_table.payments.id
}

resource "aws_vpc_endpoint" "payments_gateway" {
  for_each          = toset(local.vpcs["payments"].gateways)
  provider          = aws.payments
  vpc_id            = aws_vpc.payments.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  route_table_ids   = [aws_route_table.payments.id]
  policy            = local.gateway_policies[each.key]
  tags              = { Name = "payments-${each.key}" }
}

resource "aws_vpc_endpoint" "payments_interface" {
  for_each            = toset(local.vpcs["payments"].interfaces)
  provider            = aws.payments
  vpc_id              = aws_vpc.payments.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = [aws_subnet.payments.id]
  private_dns_enabled = true
  policy              = local.interface_policy
  tags                = { Name = "payments-${each.key}" }
}

resource "aws_vpc" "network" {
  provider             = aws.network
  cidr_block           = local.vpcs["network"].cidr
  enable_dns_hostnames = true
  tags                 = { Name = "network" }
  depends_on           = [aws_organizations_account.member]
}

resource "aws_subnet" "network" {
  provider          = aws.network
  vpc_id            = aws_vpc.network.id
  cidr_block        = cidrsubnet(local.vpcs["network"].cidr, 8, 1)
  availability_zone = "${var.region}a"
  tags              = { Name = "network-private" }
}

resource "aws_route_table" "network" {
  provider = aws.network
  vpc_id   = aws_vpc.network.id
  tags     = { Name = "network-private" }
}

resource "aws_route_table_association" "network" {
  provider       = aws.network
  subnet_id      = aws_subnet.network.id
  route_table_id = aws_route_table.network.id
}

resource "aws_vpc_endpoint" "network_interface" {
  for_each            = toset(local.vpcs["network"].interfaces)
  provider            = aws.network
  vpc_id              = aws_vpc.network.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = [aws_subnet.network.id]
  private_dns_enabled = true
  policy              = local.interface_policy
  tags                = { Name = "network-${each.key}" }
}
