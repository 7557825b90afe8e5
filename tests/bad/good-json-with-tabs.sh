# SPDX-License-Identifier: GPL-2.0
printf '{\n\t"apiVersion": "v1",\n\t"kind": "Namespace",\n\t"metadata": {"name": "a"}\n}\n' 