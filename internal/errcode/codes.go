package errcode

// The codes that libraries and commands make; those of refusals are in internal/trust.
const (
	// What was typed, and answered.
	Usage         Code = "USAGE"          // it makes no sense as it was typed
	OneWord       Code = "ONE_WORD"       // it replaces no list or mapping
	Misspelled    Code = "MISSPELLED"     // the grammar does not know it; facts: help, the command that tells more
	UserInURL     Code = "USER_IN_URL"    // credentials do not belong into the URL of a source
	AliasTaken    Code = "ALIAS_TAKEN"    // there is a repository of that name; facts: name
	SecondFirst   Code = "SECOND_FIRST"   // a first publish where something was published
	LostHead      Code = "LOST_HEAD"      // the head of a published site is gone or damaged; facts: site, its folder
	ForeignPage   Code = "FOREIGN_PAGE"   // a file that is no page of ours lies where a page goes
	DamagedFloors Code = "DAMAGED_FLOORS" // what was accepted before cannot be read; facts: name
	Ambiguous     Code = "AMBIGUOUS"      // several repositories have it; facts: choices
	Interrupted   Code = "INTERRUPTED"    // by the user
	Question      Code = "QUESTION"       // nobody was there to answer it
	Declined      Code = "DECLINED"       // the user said no
	Partly        Code = "PARTLY"         // the user said no after a part was done
	Undecided     Code = "UNDECIDED"      // of what is found by an exit code
	NoEditor      Code = "NO_EDITOR"      // there is no terminal for one
	Permission    Code = "PERMISSION"     // of a file
	NoLocks       Code = "NO_LOCKS"       // of a file system
	ExposedHome   Code = "EXPOSED_HOME"   // others may write to it
	Unconfined    Code = "UNCONFINED"     // nothing here can confine a hook

	// Repositories and what is in them.
	NoRepository   Code = "NO_REPOSITORY"   // none is configured
	NeverUpdated   Code = "NEVER_UPDATED"   // a repository has no catalog yet
	DamagedCatalog Code = "DAMAGED_CATALOG" // of a repository
	OtherRecords   Code = "OTHER_RECORDS"   // the records on disk are not those that were published; facts: name
	Expiring       Code = "EXPIRING"        // an index or a trust document, within days
	NotFound       Code = "NOT_FOUND"       // no such Kube, version or repository; facts: near, have
	Gone           Code = "GONE"            // a Kube was taken out of its repository
	NoSite         Code = "NO_SITE"         // nothing was published there
	NoSignature    Code = "NO_SIGNATURE"    // whoever signs without a key gets none
	NoTrustedRoot  Code = "NO_TRUSTED_ROOT" // the TUF repository of a Sigstore instance gives none
	Unsigned       Code = "UNSIGNED"        // too few have signed a draft; facts: draft
	Offline        Code = "OFFLINE"         // something would have to be fetched, and must not be
	Unreachable    Code = "UNREACHABLE"     // a source gives no usable answer

	// Registries of images.
	UnreachableRegistry Code = "UNREACHABLE_REGISTRY" // it gives no usable answer; facts: host
	RegistryLogin       Code = "REGISTRY_LOGIN"       // it does not take who we are; facts: host
	NoImage             Code = "NO_IMAGE"             // it has no such image; facts: host; platforms, which it has it for
	NoImages            Code = "NO_IMAGES"            // a mirror was made without any; facts: dir
	DamagedMirror       Code = "DAMAGED_MIRROR"       // a file of its images is not there, or not what it was; facts: dir

	// Kubes, working copies and what they need.
	Unmet     Code = "UNMET"     // dependencies that cannot be met; facts: name
	Unmerged  Code = "UNMERGED"  // files of a merge lie in a working copy; facts: files
	Generated Code = "GENERATED" // what a template gives is wrong; facts: name
	Conflicts Code = "CONFLICTS" // edits and a release change the same lines; facts: name, version

	// Installations.
	NotInstalled       Code = "NOT_INSTALLED"       // facts: name, namespace; tried, when attempts failed; local, when those were of no repository; remains, when something carries its labels
	InstalledOtherwise Code = "INSTALLED_OTHERWISE" // what is installed stands in the way; facts: name, namespace, wanted
	Uninstalling       Code = "UNINSTALLING"        // an uninstall has begun and not ended; facts: name, namespace
	NoRevision         Code = "NO_REVISION"         // facts: name, namespace
	NoValues           Code = "NO_VALUES"           // a revision does not hold what going back needs; facts: name, namespace, version
	Unconfirmed        Code = "UNCONFIRMED"         // nothing confirms what a revision says; facts: name, namespace; hook, when it is about what the hook made
	DamagedRevision    Code = "DAMAGED_REVISION"    // it is there and cannot be read

	HalfUndone Code = "HALF_UNDONE" // it failed, and so did undoing it; facts: name, namespace; verb, the command that goes on

	// The cluster.
	NoName             Code = "NO_NAME"             // it cannot be the name of an object
	Conflict           Code = "CONFLICT"            // somebody else's object, field or operation
	Outdated           Code = "OUTDATED"            // the cluster is not as it was planned for
	TimedOut           Code = "TIMED_OUT"           // a wait
	Finalizers         Code = "FINALIZERS"          // what was deleted stays, all else is well
	Unowned            Code = "UNOWNED"             // objects that are there already and nobody's; facts: objects
	UnconfirmedChange  Code = "UNCONFIRMED_CHANGE"  // of an object, by what nothing confirms; facts: name, namespace
	OthersObject       Code = "OTHERS_OBJECT"       // an object of another installation; facts: name, namespace
	OthersCRD          Code = "OTHERS_CRD"          // definitions of others, which could be used as they are; facts: objects
	OthersVersion      Code = "OTHERS_VERSION"      // a definition of another installation does not serve what is wanted; facts: name, namespace
	OthersFields       Code = "OTHERS_FIELDS"       // others manage fields of an object
	OutsideNamespace   Code = "OUTSIDE_NAMESPACE"   // what would be written is not in the installation's namespace, or not its alone
	NoNamespace        Code = "NO_NAMESPACE"        // that of the installation is not there
	Busy               Code = "BUSY"                // somebody else is at work
	NoKubeconfig       Code = "NO_KUBECONFIG"       //
	SlowCluster        Code = "SLOW_CLUSTER"        // no answer in time
	SlowCredentials    Code = "SLOW_CREDENTIALS"    // no answer of a credential plugin in time
	UnreachableCluster Code = "UNREACHABLE_CLUSTER" //
	NoObject           Code = "NO_OBJECT"           // the cluster has no such object or kind
	UnknownUser        Code = "UNKNOWN_USER"        // the server does not take our credentials
	SilentWebhook      Code = "SILENT_WEBHOOK"      // a webhook of the cluster does not answer
	SilentConverter    Code = "SILENT_CONVERTER"    // what converts the objects of a definition does not answer
	Forbidden          Code = "FORBIDDEN"           // by the server
)
