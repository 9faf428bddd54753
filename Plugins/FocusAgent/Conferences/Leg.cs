using Parley.Media.Control;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>Why a leg ends.</summary>
public enum LegEnd
{
    /// <summary>It said goodbye, or closed its media.</summary>
    Left,
    /// <summary>A newer leg of the same participant took its place.</summary>
    Superseded,
    /// <summary>The focus stops.</summary>
    ConferenceGone,
    /// <summary>Its media died.</summary>
    ConnectivityLost,
    /// <summary>Its media never came up.</summary>
    NeverConnected,
    /// <summary>Nothing came, or nothing more, of media that no ICE watches over.</summary>
    TimedOut,
    /// <summary>Its certificate is not the one that it signalled.</summary>
    SecurityFault,
    /// <summary>The relay lost it, or is gone.</summary>
    RelayLost,
    /// <summary>The relay refused what it needs.</summary>
    Refused,
    /// <summary>A moderator, or the chat room that the call is tied to, put it out.</summary>
    Removed,
    /// <summary>An error of ours.</summary>
    Fault,
    /// <summary>The room called, and gave up: somebody else took it, or nobody may any more.</summary>
    Cancelled,
    /// <summary>The room called, and nobody answered.</summary>
    Unanswered,
}

/// <summary>How a leg receives somebody's track.</summary>
/// <param name="Id">The leg's own name for the way, such as a slot's name.</param>
/// <param name="Ssrc">The SSRC that it arrives with.</param>
public sealed record Subscription(string Id, uint Ssrc);

/// <summary>
/// A participant's connection to the conference in the dialect of its client. The conference drives it in steps: <see cref="Assign"/> (who is received through
/// what), <see cref="Describe"/> (what the relay must do for that), <see cref="Confirm"/> (what the relay chose), <see cref="Signal"/> (tell the client).
/// </summary>
public abstract class Leg(string id, Participant participant, Jid peer)
{
    /// <summary>Unique in the conference; the endpoint's id in the relay.</summary>
    public string Id { get; } = id;

    /// <summary>Whose leg it is.</summary>
    public Participant Participant { get; } = participant;

    /// <summary>The client's full address.</summary>
    public Jid Peer { get; } = peer;

    /// <summary>The relay has taken it.</summary>
    public bool IsConfirmed { get; protected set; }

    /// <summary>Its media came up.</summary>
    public bool IsConnected { get; protected set; }

    /// <summary>What its client is, in a word for figures.</summary>
    public abstract string Kind { get; }

    /// <summary>What it sends.</summary>
    public abstract IReadOnlyList<Track> Tracks { get; }

    /// <summary>Decides whom this leg receives.</summary>
    public abstract void Assign(Conference conference);

    /// <summary>What the relay is to do for this leg; what was given once is never changed, as it is compared with what is wanted later.</summary>
    public abstract EndpointSpec Describe(Conference conference);

    /// <summary>Takes what the relay chose.</summary>
    /// <returns>False if the relay no longer has what was signalled to the client.</returns>
    public abstract bool Confirm(EndpointState state);

    /// <summary>Says to the client what is due.</summary>
    public abstract void Signal(Conference conference);

    /// <summary>The relay would not take this new leg.</summary>
    public abstract void Refuse(RelayFault fault);

    /// <summary>The relay would not do what this leg came to want since: takes it back where the leg can go on without.</summary>
    /// <returns>False if there is nothing to take back: the leg is over.</returns>
    public virtual bool TakeBack(RelayFault fault) => false;

    /// <summary>What its client is told in words when it ends; null for nothing.</summary>
    public string? Farewell { get; set; }

    /// <summary>Tells the client that something was done to its participant, by whatever means it has.</summary>
    /// <param name="info">For the call page.</param>
    /// <param name="words">For people with other clients.</param>
    public abstract void Notify(Element info, string words);

    /// <summary>Says goodbye to the client.</summary>
    public abstract void Close(LegEnd why);

    /// <summary>It is over and knows: nothing is to be said any more.</summary>
    public virtual void Hush()
    {
    }

    /// <summary>A transport came up.</summary>
    public abstract void OnTransportConnected(string transportId);

    /// <summary>A transport ended.</summary>
    /// <returns>Why the leg is over; null if it goes on.</returns>
    public abstract LegEnd? OnTransportEnded(string transportId, TransportEnd why);

    /// <summary>How this leg receives a participant's track of a kind; null if it does not.</summary>
    public abstract Subscription? Find(Participant sender, MediaKind kind);

    /// <summary>Whether the client can be told who is there: it has been answered.</summary>
    public abstract bool IsListening { get; }
}
