# A small stack as one writes it for AWS; nothing in it knows of Tidegate.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

provider "aws" { region = "us-east-1" }

variable "image" { default = "shop:1" }

resource "aws_ecs_account_setting_default" "chosen" {
  for_each = {
    awsvpcTrunking                  = "enabled"
    containerInsights               = "enabled"
    defaultLogDriverMode            = "blocking"
    fargateTaskRetirementWaitPeriod = "14"
    serviceLongArnFormat            = "enabled"
  }
  name  = each.key
  value = each.value
}

data "aws_vpc" "default" { default = true }

data "aws_subnets" "all" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
}

resource "aws_security_group" "web" {
  name   = "shop-web"
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }

  # Terraform takes away the rule that lets everything out.
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_lb" "shop" {
  name            = "shop"
  subnets         = data.aws_subnets.all.ids
  security_groups = [aws_security_group.web.id]
}

resource "aws_lb_target_group" "shop" {
  name                 = "shop"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = data.aws_vpc.default.id
  deregistration_delay = 5
  health_check { path = "/healthz" }
}

resource "aws_lb_listener" "shop" {
  load_balancer_arn = aws_lb.shop.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.shop.arn
  }
}

resource "aws_ecs_cluster" "shop" { name = "shop" }

resource "aws_ecs_task_definition" "shop" {
  family = "shop"
  container_definitions = jsonencode([{
    name         = "web"
    image        = var.image
    memory       = 128
    portMappings = [{ containerPort = 8080 }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.shop.name
        awslogs-region        = "us-east-1"
        awslogs-stream-prefix = "web"
      }
    }
  }])
}

resource "aws_cloudwatch_log_group" "shop" {
  name              = "/ecs/shop"
  retention_in_days = 7
  tags              = { team = "shop" }
}

resource "aws_ecs_service" "shop" {
  name                  = "shop"
  cluster               = aws_ecs_cluster.shop.id
  task_definition       = aws_ecs_task_definition.shop.arn
  desired_count         = 1
  wait_for_steady_state = true
  load_balancer {
    target_group_arn = aws_lb_target_group.shop.arn
    container_name   = "web"
    container_port   = 8080
  }
  depends_on = [aws_lb_listener.shop]
}

output "url" { value = "http://${aws_lb.shop.dns_name}/" }

resource "aws_appautoscaling_target" "shop" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.shop.name}/${aws_ecs_service.shop.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = 1
  max_capacity       = 3
  tags               = { team = "shop" }
}

resource "aws_appautoscaling_policy" "requests" {
  name               = "requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.shop.service_namespace
  resource_id        = aws_appautoscaling_target.shop.resource_id
  scalable_dimension = aws_appautoscaling_target.shop.scalable_dimension
  target_tracking_scaling_policy_configuration {
    target_value = 1000000
    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${aws_lb.shop.arn_suffix}/${aws_lb_target_group.shop.arn_suffix}"
    }
  }
}

resource "aws_appautoscaling_policy" "steps" {
  name               = "steps"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.shop.service_namespace
  resource_id        = aws_appautoscaling_target.shop.resource_id
  scalable_dimension = aws_appautoscaling_target.shop.scalable_dimension
  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 60
    metric_aggregation_type = "Maximum"
    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 1
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "night" {
  name               = "night"
  service_namespace  = aws_appautoscaling_target.shop.service_namespace
  resource_id        = aws_appautoscaling_target.shop.resource_id
  scalable_dimension = aws_appautoscaling_target.shop.scalable_dimension
  schedule           = "cron(0 22 * * ? *)"
  timezone           = "Europe/Berlin"
  scalable_target_action {
    min_capacity = 1
    max_capacity = 2
  }
}
