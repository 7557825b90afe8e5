// SPDX-License-Identifier: GPL-2.0

// etcd as upstream ships it: its own command, unchanged.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
