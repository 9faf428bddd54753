using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Legs;

/// <summary>What a leg of one conference works with.</summary>
/// <param name="Conference">The conference.</param>
/// <param name="Outbox">Its way out.</param>
/// <param name="Capabilities">What its relay can do.</param>
/// <param name="Options">The settings as they were when the leg came.</param>
public sealed record LegContext(Conference Conference, Outbox Outbox, RelayCapabilities Capabilities, FocusAgentOptions Options);

/// <summary>A call that becomes a leg.</summary>
/// <param name="Request">The session-initiate; null where the room calls.</param>
/// <param name="Peer">The client's full address.</param>
/// <param name="Room">The room as it was called, or calls: everything comes from there.</param>
/// <param name="IsAcknowledged">There is no request that waits for its answer, so that a refusal is a session-terminate.</param>
public sealed record Call(Iq? Request, Jid Peer, Jid Room, bool IsAcknowledged);
