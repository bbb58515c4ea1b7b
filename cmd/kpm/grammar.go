package main

// grammar is the command line; a field is a command or a global flag.
type grammar struct {
	settings

	Update    updateCmd    `cmd:"" help:"Fetch what is new in the repositories."`
	Search    searchCmd    `cmd:"" help:"Find Kubes, offline."`
	Info      infoCmd      `cmd:"" aliases:"show" help:"Show what is known of a Kube."`
	Home      homeCmd      `cmd:"" help:"Open the web page of a Kube."`
	Get       getCmd       `cmd:"" aliases:"pull,fetch" help:"Get a verified working copy of a Kube."`
	Install   installCmd   `cmd:"" help:"Install a Kube into a cluster."`
	List      listCmd      `cmd:"" aliases:"ls" help:"Show what is installed."`
	Outdated  outdatedCmd  `cmd:"" help:"Show of what a newer release is out."`
	Upgrade   upgradeCmd   `cmd:"" help:"Turn what is installed into a newer version, or set other values."`
	Diff      diffCmd      `cmd:"" help:"Show how what is live differs from what would be applied."`
	Status    statusCmd    `cmd:"" help:"Show how the objects of an installation stand."`
	History   historyCmd   `cmd:"" help:"Show the revisions of an installation."`
	Rollback  rollbackCmd  `cmd:"" help:"Go back to an earlier revision of an installation."`
	Test      testCmd      `cmd:"" help:"Run the tests of what is installed."`
	Uninstall uninstallCmd `cmd:"" aliases:"remove,rm" help:"Remove what an installation made."`
	Edit      editCmd      `cmd:"" help:"Edit your copy of a Kube; get it first if there is none."`
	Template  templateCmd  `cmd:"" help:"Print what would be applied of a Kube."`
	Mirror    mirrorCmd    `cmd:"" help:"Copy a repository into a folder, to be used where there is no network: SRC DST."`
	Images    imagesCmd    `cmd:"" help:"Show the images that Kubes name."`
	Deps      depsCmd      `cmd:"" help:"Show what a Kube needs, and what that needs."`
	Verify    verifyCmd    `cmd:"" help:"Say who answers for an archive, and by what that is known."`
	Repo      repoCmd      `cmd:"" help:"Add, list, remove and show repositories."`
	Create    createCmd    `cmd:"" help:"Start a new Kube in a folder."`
	Lint      lintCmd      `cmd:"" help:"Judge the folder of a Kube as a repository would."`
	Package   packageCmd   `cmd:"" help:"Pack the folder of a Kube, as a repository would."`
	Doctor    doctorCmd    `cmd:"" help:"Look for what needs a hand."`
	Env       envCmd       `cmd:"" help:"Print kpm's settings."`
	Version   versionCmd   `cmd:"" help:"Print the version."`

	Completion completionCmd `cmd:"" help:"Print the completion script of a shell."`
	Help       helpCmd       `cmd:"" help:"Show help, also of a command."`
	Complete   completeCmd   `cmd:"" name:"__complete" hidden:""`
	Contents   contentsCmd   `cmd:"" name:"__contents" hidden:""`
	Turn       turnCmd       `cmd:"" name:"__turn" hidden:""`
}
