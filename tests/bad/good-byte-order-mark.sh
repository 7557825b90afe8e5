# SPDX-License-Identifier: GPL-2.0
printf '\357\273\277apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n'