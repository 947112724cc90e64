"""What a caller meets first: flows as versioned data, the machine that runs them, prompts and their voice.

A flow is drawn as a draft, checked, and published as a numbered version that never changes; a running call finishes
on the version that it began with. `machine` runs a version and knows nothing of calls, sound or the store; `flows`
carries its commands out.
"""
