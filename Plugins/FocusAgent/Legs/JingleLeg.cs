using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Legs;

/// <summary>What the legs that speak Jingle share: the caller's own session, its answer, its end.</summary>
public abstract class JingleLeg : Leg
{
    private readonly Call _call;
    private bool _isAnswered;

    /// <summary>Makes a leg.</summary>
    protected JingleLeg(LegContext context, Call call, Participant participant, string id, string sid, CallOffer offer) : base(id, participant, call.Peer)
    {
        (Context, _call) = (context, call);
        Publish = new PublishSession(sid, id, offer);
        Avoid(offer.Contents);
    }

    /// <summary>What this leg works with.</summary>
    protected LegContext Context { get; }

    /// <summary>The caller's session.</summary>
    protected PublishSession Publish { get; }

    /// <summary>SSRCs for what it receives.</summary>
    protected Ssrcs Ssrcs { get; } = new();

    /// <summary>The room as it was called.</summary>
    protected Jid Room => _call.Room;

    /// <inheritdoc/>
    public override IReadOnlyList<Track> Tracks => Publish.Tracks;

    /// <inheritdoc/>
    public override bool IsListening => IsAccepted;

    /// <summary>The caller has answered the session-accept.</summary>
    protected bool IsAccepted { get; private set; }

    /// <summary>Over: nothing more is said.</summary>
    protected bool IsClosed { get; private set; }

    /// <summary>Whether a session is this leg's.</summary>
    public virtual bool Has(string sid) => sid == Publish.Sid;

    /// <summary>Takes a request of the client in one of this leg's sessions, other than session-terminate of the first.</summary>
    /// <returns>The error to answer; null for a result.</returns>
    public abstract StanzaError? Take(JingleMessage message);

    /// <summary>Whether this request ends the leg.</summary>
    public virtual bool IsEnd(JingleMessage message) => message.Action == JingleAction.SessionTerminate && message.Sid == Publish.Sid;

    /// <summary>What to add to the session-accept.</summary>
    protected abstract Element[] AcceptExtras();

    /// <summary>The answer to one content: taken as it is, to be sent by the caller alone.</summary>
    protected virtual JingleContent AcceptContent(OfferedContent offered) => new(JingleCreator.Initiator, offered.Content.Name)
    {
        Senders = JingleSenders.Initiator,
        Description = offered.Sends.Write(),
        Transport = offered.Transport.Write(offered.Transport.Setup),
    };

    /// <summary>Takes what else of a session-info only this kind of leg knows; false for what it does not.</summary>
    protected virtual bool TryTakeInfo(Element payload) => false;

    /// <inheritdoc/>
    public override bool Confirm(EndpointState state)
    {
        IsConfirmed = true;
        var isKept = true;
        foreach (var transport in state.Transports)
        {
            if (FindTransport(transport.Id) is { } own) isKept &= own.Confirm(transport);
        }

        return isKept;
    }

    /// <inheritdoc/>
    public override void Signal(Conference conference)
    {
        if (IsClosed || !IsConfirmed) return;
        if (!_isAnswered)
        {
            _isAnswered = true;
            Begin();
        }

        foreach (var answer in Publish.TakeOwed()) Ask(answer);
    }

    /// <summary>Says the first thing, once the relay has made what it needs: answers the call.</summary>
    protected virtual void Begin()
    {
        if (!_call.IsAcknowledged) Context.Outbox.Send(_call.Request!.Result());
        Ask(Publish.Accept(Room, AcceptContent, AcceptExtras()), OnAcceptAnswered);
    }

    /// <inheritdoc/>
    public override void Refuse(RelayFault fault)
    {
        IsClosed = true;
        if (_call.IsAcknowledged) Terminate(Publish.Sid, Reasons.ConditionOf(fault));
        else Context.Outbox.Send(_call.Request!.ErrorReply(Reasons.ErrorOf(fault)));
    }

    /// <inheritdoc/>
    public override void Close(LegEnd why)
    {
        if (IsClosed) return;
        IsClosed = true;
        if (!_isAnswered && !_call.IsAcknowledged) Context.Outbox.Send(_call.Request!.Result());
        Terminate(Publish.Sid, Reasons.Of(why));
    }

    /// <inheritdoc/>
    public override void Hush() => IsClosed = true;

    /// <inheritdoc/>
    public override void OnTransportConnected(string transportId)
    {
        if (Publish.Find(transportId) is not null) IsConnected = true;
    }

    /// <inheritdoc/>
    public override LegEnd? OnTransportEnded(string transportId, TransportEnd why) => Publish.Find(transportId) is { } transport ? Reasons.Of(why, transport.Spec) : null;

    /// <summary>A transport of this leg; null if there is none of that id.</summary>
    protected virtual MediaTransport? FindTransport(string id) => Publish.Find(id);

    /// <summary>Keeps away from the SSRCs that the client tells in contents.</summary>
    protected void Avoid(IEnumerable<OfferedContent> contents)
    {
        foreach (var description in contents.Select(c => c.Content.Description).OfType<RtpDescription>())
        {
            foreach (var source in description.Sources) Ssrcs.Avoid(source.Ssrc);
            foreach (var ssrc in description.SourceGroups.SelectMany(g => g.Ssrcs)) Ssrcs.Avoid(ssrc);
        }
    }

    /// <summary>Takes what every publishing session may be told.</summary>
    protected StanzaError? TakeForPublish(JingleMessage message)
    {
        switch (message.Action)
        {
            case JingleAction.TransportInfo or JingleAction.TransportReplace:
                return Publish.TakeTransport(message);
            case JingleAction.SessionInfo:
                foreach (var payload in message.Extras)
                {
                    var muted = Publish.Tracks.Where(t => t.IsMuted).ToList();
                    if (!Publish.TryTakeInfo(payload) && !TryTakeInfo(payload)) return JingleErrors.UnsupportedInfo();
                    // Whoever was muted by somebody else and switches on again is heard; who is held is not.
                    foreach (var track in muted.Where(t => !t.IsMuted)) Participant.Rights.TakeBack(track.Kind);
                }

                Context.Conference.Touch();
                return null;
            case JingleAction.DescriptionInfo:
                return null; // advice that nothing here depends on (XEP-0167 section 9)
            case JingleAction.ContentAdd:
                Ask(new JingleMessage(JingleAction.ContentReject, message.Sid)
                {
                    Contents = [.. message.Contents.Select(Refused)],
                    Reason = new JingleReason(JingleCondition.UnsupportedApplications),
                });
                return null;
            case JingleAction.SessionInitiate or JingleAction.SessionAccept or JingleAction.ContentAccept or JingleAction.ContentReject or JingleAction.TransportAccept or JingleAction.TransportReject:
                return JingleErrors.OutOfOrder();
            default:
                return new StanzaError(StanzaCondition.FeatureNotImplemented);
        }
    }

    /// <summary>
    /// A content as content-reject names it (XEP-0166 section 7.2.3): with the kind of its media and an empty transport where it had these. Conversations compares what comes back with what it asked for, and ends the
    /// whole call where either is missing.
    /// </summary>
    internal static JingleContent Refused(JingleContent content) => new(content.Creator, content.Name)
    {
        Senders = content.Senders,
        Description = content.Description is { } description ? new RtpDescription(description.Media) : null,
        Transport = content.Transport is null ? null : new IceUdpTransport(),
    };

    /// <summary>Sends a Jingle request.</summary>
    protected void Ask(JingleMessage message, Action<StanzaError?>? onAnswer = null) => Context.Outbox.Ask(Room, Peer, message.ToElement(), onAnswer);

    /// <summary>Ends a session.</summary>
    protected void Terminate(string sid, JingleCondition why) => Ask(new JingleMessage(JingleAction.SessionTerminate, sid) { Reason = new JingleReason(why, Farewell) });

    /// <summary>What it sends, for the relay: without what a moderator silenced, so that nothing of that goes anywhere.</summary>
    protected IReadOnlyList<TrackSpec> Heard => Publish.Specs.Any(s => Participant.Rights.IsSilenced(s.Kind)) ? [.. Publish.Specs.Where(s => !Participant.Rights.IsSilenced(s.Kind))] : Publish.Specs;

    /// <inheritdoc/>
    public override void Notify(Element info, string words) => Context.Outbox.Send(RoomMessages.Write(Room, Peer, words));

    /// <summary>Nothing is left of this leg: the client told that it knows nothing of it, or took away all that it had.</summary>
    public bool IsDisowned { get; protected set; }

    /// <summary>Notes an error that says that the client has given the session up.</summary>
    protected bool NoteDisowned(StanzaError? error)
    {
        // The word of the client itself; a server's item-not-found about the client's address lacks Jingle's own condition.
        if (error?.Application?.Is("unknown-session", Ns.JingleErrors) != true) return false;
        return IsDisowned = true;
    }

    private void OnAcceptAnswered(StanzaError? error)
    {
        // No answer says nothing: the stream may have been lost while media comes up. Media decides, and a lost page calls again.
        if (IsClosed || NoteDisowned(error)) return;
        IsAccepted = true;
        Context.Conference.Touch();
    }
}
