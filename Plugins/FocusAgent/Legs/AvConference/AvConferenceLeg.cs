using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Coin;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Legs.AvConference;

/// <summary>The leg of XEP-0521: the client calls to send, and the room calls back once for each participant whose stream it brings.</summary>
public sealed class AvConferenceLeg : JingleLeg
{
    /// <summary>How long a stream's session may wait for its session-accept: XEP-0521 clients take them by themselves, but one may ask its user.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(60);

    private readonly IReadOnlySet<string> _features;
    private readonly List<StreamSession> _sessions = [];
    private bool _isBundling;
    private int _number;

    /// <summary>Makes the leg of an offer.</summary>
    public AvConferenceLeg(LegContext context, Call call, Participant participant, string id, string sid, CallOffer offer, IReadOnlySet<string> features)
        : base(context, call, participant, id, sid, offer) => (_features, _isBundling) = (features, offer.IsBundled);

    /// <inheritdoc/>
    public override string Kind => "conference";

    /// <inheritdoc/>
    public override bool Has(string sid) => base.Has(sid) || FindSession(sid) is not null;

    /// <inheritdoc/>
    public override Subscription? Find(Participant sender, MediaKind kind) =>
        (from s in _sessions
         where s.Sender == sender && s.State == StreamState.Open
         from c in s.Contents
         where c.IsOpen && c.Terms.Kind == kind
         select new Subscription($"{s.Sid}/{c.Name}", c.Ssrc)).FirstOrDefault();

    /// <inheritdoc/>
    public override void Assign(Conference conference)
    {
        foreach (var gone in _sessions.Where(s => s.Sender.Legs.Count == 0).ToList())
        {
            EndSession(gone, JingleCondition.Success);
            _sessions.Remove(gone);
        }

        if (!IsAccepted || IsClosed || Participant.Current != this) return;
        foreach (var sender in conference.Others(Participant).Take(Math.Max(Context.Options.AudioSlots, Context.Options.VideoSlots)))
        {
            var covered = _sessions.Where(s => s.Sender == sender).SelectMany(s => s.Contents).Select(c => c.Terms.Kind).ToHashSet();
            var terms = sender.Tracks.Select(t => t.Kind).Where(k => !covered.Contains(k)).Distinct()
                .Select(k => StreamTerms.Of(k, Publish.Offer, Context.Capabilities, _features)).OfType<MediaTerms>().ToList();
            if (terms.Count > 0) _sessions.Add(new StreamSession(_number++, sender, terms, _isBundling, Ssrcs));
        }
    }

    /// <inheritdoc/>
    public override EndpointSpec Describe(Conference conference) => new(Id,
        [.. Publish.Offer.Transports.Concat(_sessions.SelectMany(s => s.Transports)).Select(t => t.Spec)], Heard, [.. _sessions.SelectMany(s => s.Forwarders)]);

    /// <inheritdoc/>
    public override void Signal(Conference conference)
    {
        base.Signal(conference);
        if (IsClosed) return;
        foreach (var session in _sessions.Where(s => s.State == StreamState.New && s.Transports.All(t => t.State is not null)))
        {
            session.State = StreamState.Offered;
            Ask(session.Initiate(Room), error =>
            {
                // A client that does not want it is not asked again; one that is out of reach calls again by itself.
                if (error is not null) session.State = StreamState.Over;
            });
            // The relay keeps a transport whose other side is unknown for as long as it is told to.
            Context.Outbox.After(AnswerTime, () =>
            {
                if (session.State == StreamState.Offered && !IsClosed) EndSession(session, JingleCondition.Timeout);
            });
        }
    }

    /// <inheritdoc/>
    public override StanzaError? Take(JingleMessage message) => FindSession(message.Sid) is { } session ? Take(session, message) : TakeForPublish(message);

    /// <inheritdoc/>
    public override LegEnd? OnTransportEnded(string transportId, TransportEnd why)
    {
        if (base.OnTransportEnded(transportId, why) is { } over) return over;
        if (_sessions.Find(s => s.Transports.Any(t => t.Spec.Id == transportId)) is { } session) EndSession(session, Reasons.Of(Reasons.Of(why)));
        return null;
    }

    /// <inheritdoc/>
    public override void Close(LegEnd why)
    {
        EndSessions(Reasons.Of(why));
        base.Close(why);
    }

    /// <inheritdoc/>
    public override void Hush()
    {
        // Goodbye was said in the client's own session; the others are ours to end.
        EndSessions(JingleCondition.Success);
        base.Hush();
    }

    /// <inheritdoc/>
    protected override MediaTransport? FindTransport(string id) => base.FindTransport(id) ?? _sessions.SelectMany(s => s.Transports).FirstOrDefault(t => t.Spec.Id == id);

    /// <inheritdoc/>
    protected override Element[] AcceptExtras() => [ConferenceInfo.FocusMarker()];

    private StreamSession? FindSession(string sid) => _sessions.Find(s => s.Sid == sid && s.State is StreamState.Offered or StreamState.Open);

    private StanzaError? Take(StreamSession session, JingleMessage message)
    {
        switch (message.Action)
        {
            case JingleAction.SessionAccept when session.State == StreamState.Offered:
                return Accept(session, message);
            case JingleAction.SessionTerminate:
                session.State = StreamState.Over;
                Context.Conference.Touch();
                return null;
            case JingleAction.SessionInfo:
                return message.Extras.All(e => RtpInfo.TryRead(e, out _)) ? null : JingleErrors.UnsupportedInfo();
            case JingleAction.TransportInfo:
                foreach (var content in message.Contents)
                {
                    // Candidates that overtake the accept would be kept and never probed: nothing is lost by dropping them.
                    if (content.Transport is { } transport && session.State == StreamState.Open) session.Contents.Find(c => c.Name == content.Name && c.IsOpen)?.Transport.TryTake(transport, message.Action);
                }

                return null;
            case JingleAction.DescriptionInfo:
                return null;
            case JingleAction.SessionInitiate or JingleAction.SessionAccept:
                return JingleErrors.OutOfOrder();
            default:
                return new StanzaError(StanzaCondition.FeatureNotImplemented);
        }
    }

    private StanzaError? Accept(StreamSession session, JingleMessage message)
    {
        if (session.IsUnbundledBy(message))
        {
            // It answers each content with a transport of its own: it shall be asked that way.
            _isBundling = false;
            EndSession(session, JingleCondition.IncompatibleParameters);
            _sessions.Remove(session);
            return null;
        }

        if (session.Accept(message) is { } fault) return new StanzaError(StanzaCondition.BadRequest, fault);
        if (session.State == StreamState.Over) Terminate(session.Sid, JingleCondition.IncompatibleParameters);
        Context.Conference.Touch();
        return null;
    }

    private void EndSessions(JingleCondition why)
    {
        foreach (var session in _sessions) EndSession(session, why);
        _sessions.Clear();
    }

    private void EndSession(StreamSession session, JingleCondition why)
    {
        if (session.State is StreamState.Offered or StreamState.Open) Terminate(session.Sid, why);
        session.State = StreamState.Over;
        Context.Conference.Touch();
    }
}
