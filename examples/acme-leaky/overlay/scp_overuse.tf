# Planted: service control policies overused. The queue's own Deny became an SCP; it binds the workloads, and not the
# roles of the account that owns the queue.

resource "aws_organizations_policy" "queue_readers" {
  provider = aws.management
  name     = "only-readers-use-queues"
  type     = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyReadersUseQueues"
      Effect    = "Deny"
      Action    = "sqs:*"
      Resource  = "*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.roles["claims-reader"] } }
    }]
  })

  depends_on = [aws_organizations_organization.acme]
}

resource "aws_organizations_policy_attachment" "queue_readers" {
  provider   = aws.management
  policy_id  = aws_organizations_policy.queue_readers.id
  target_id  = aws_organizations_organizational_unit.top["workloads"].id
  depends_on = [aws_organizations_account.member]
}
