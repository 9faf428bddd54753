using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Legs;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>A call that waits until its caller has said what it can do (XEP-0030).</summary>
/// <param name="Call">The call.</param>
/// <param name="Message">Its session-initiate.</param>
/// <param name="Offer">What it offers.</param>
/// <param name="Kind">Who calls.</param>
public sealed record PendingCall(Call Call, JingleMessage Message, CallOffer Offer, SenderKind Kind)
{
    /// <summary>The most requests kept for later.</summary>
    public const int MaxKept = 64;

    /// <summary>What the caller said meanwhile: candidates, and that it is muted.</summary>
    public List<JingleMessage> Kept { get; } = [];
}
