using Parley.Plugins.FocusAgent.Legs;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>A call that is not yet a leg: it waits until its caller has said what it can do (XEP-0030), or until a moderator lets it in.</summary>
/// <param name="Call">The call.</param>
/// <param name="Message">Its session-initiate.</param>
/// <param name="Offer">What it offers.</param>
/// <param name="Caller">Who calls.</param>
public sealed record PendingCall(Call Call, JingleMessage Message, CallOffer Offer, Caller Caller)
{
    /// <summary>The most requests kept for later.</summary>
    public const int MaxKept = 64;

    /// <summary>What moderators call it by.</summary>
    public string Id { get; } = Ids.New();

    /// <summary>By what its caller is known again (<see cref="Rights.Key"/>).</summary>
    public required string Key { get; init; }

    /// <summary>The name that it gives.</summary>
    public required string Name { get; init; }

    /// <summary>The call page's own element; null for other clients.</summary>
    public Element? Marker { get; init; }

    /// <summary>A one-to-one client's.</summary>
    public bool IsPlain { get; init; }

    /// <summary>One that calls by XEP-0272 in a chat room.</summary>
    public bool IsMuji { get; init; }

    /// <summary>A moderator let it in: what holds in the room is not asked again.</summary>
    public bool IsLetIn { get; init; }

    /// <summary>What the caller said meanwhile: candidates, and that it is muted.</summary>
    public List<JingleMessage> Kept { get; } = [];
}
