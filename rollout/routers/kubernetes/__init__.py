"""Kubernetes as a router: the weights of an HTTPRoute, or the pods of two Deployments.

Needs the extra `k8s` (lightkube), so nothing of it is imported here.
"""
