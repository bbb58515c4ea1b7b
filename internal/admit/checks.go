package admit

// checks are the rules between the fields of one object, by type.
var checks = gather(podChecks, containerChecks, serviceChecks, workloadChecks, jobChecks, networkChecks, policyChecks, storageChecks, configChecks, definitionChecks,
	placementChecks, hostChecks, sharedChecks, flowChecks, deviceChecks, policyRuleChecks, celChecks, eventChecks, sliceChecks,
	mountChecks, windowsChecks, annotationChecks, sourceChecks, amountChecks)

func gather(groups ...map[string][]check) map[string][]check {
	all := map[string][]check{}
	for _, g := range groups {
		for name, checks := range g {
			all[name] = append(all[name], checks...)
		}
	}
	return all
}
