using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Coin;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>The Mixed leg of somebody whom the room called: the room opens the session, controls ICE and offers either DTLS role; the client answers. From then on it is as any other.</summary>
public sealed class RungLeg : MixedLeg
{
    private readonly RoomOffer _offer;
    private readonly Action<RungLeg> _onRinging, _onAnswered;
    private readonly Dictionary<string, (uint Ssrc, uint? Rtx)> _told = [];
    private bool _isInitiated;

    /// <summary>Makes the leg.</summary>
    /// <param name="context">What it works with.</param>
    /// <param name="call">Whom it calls, and from where.</param>
    /// <param name="participant">Who they are.</param>
    /// <param name="id">The leg's id.</param>
    /// <param name="sid">The session's.</param>
    /// <param name="offer">What is offered.</param>
    /// <param name="onRinging">Told that the client rings.</param>
    /// <param name="onAnswered">Told that it has answered.</param>
    public RungLeg(LegContext context, Call call, Participant participant, string id, string sid, RoomOffer offer, Action<RungLeg> onRinging, Action<RungLeg> onAnswered)
        : base(context, call, participant, id, sid, offer.Offer, JingleSenders.Responder)
    {
        (_offer, _onRinging, _onAnswered) = (offer, onRinging, onAnswered);
        if (!offer.TellsSources) return;
        foreach (var content in offer.Offer.Contents) _told[content.Content.Name] = (Ssrcs.Next(), content.Sends.HasRtx ? Ssrcs.Next() : null);
    }

    /// <summary>The client has taken the call.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Why the client ended the session, if it did.</summary>
    public JingleCondition? EndedBy { get; private set; }

    /// <inheritdoc/>
    protected override bool IsActive => IsAnswered;

    /// <inheritdoc/>
    public override EndpointSpec Describe(Conference conference) => IsAnswered ? base.Describe(conference) : new(Id, [.. Publish.Offer.Transports.Select(t => t.Spec)], [], []);

    /// <inheritdoc/>
    public override IReadOnlyList<Track> Tracks => IsAnswered ? base.Tracks : [];

    /// <inheritdoc/>
    public override bool IsEnd(JingleMessage message)
    {
        if (!base.IsEnd(message)) return false;
        EndedBy = message.Reason?.Condition ?? JingleCondition.Success;
        return true;
    }

    /// <inheritdoc/>
    public override StanzaError? Take(JingleMessage message)
    {
        if (IsAnswered) return base.Take(message);
        switch (message.Action)
        {
            case JingleAction.SessionAccept:
                return Accept(message);
            case JingleAction.TransportInfo or JingleAction.DescriptionInfo:
                return null; // candidates that overtake the accept would be kept and never probed: nothing is lost
            case JingleAction.SessionInfo when message.Extras.Any(e => RtpInfo.TryRead(e, out var info) && info.Kind == RtpInfoKind.Ringing):
                _onRinging(this);
                return null;
            case JingleAction.SessionInfo:
                return message.Extras.All(e => RtpInfo.TryRead(e, out _)) ? null : JingleErrors.UnsupportedInfo();
            default:
                return JingleErrors.OutOfOrder("the session has not been accepted");
        }
    }

    /// <inheritdoc/>
    public override void Refuse(RelayFault fault) => Close(LegEnd.Refused);

    /// <inheritdoc/>
    public override void Close(LegEnd why)
    {
        if (!_isInitiated) Hush(); // the client knows nothing of it
        else base.Close(why);
    }

    /// <inheritdoc/>
    protected override void Begin()
    {
        _isInitiated = true;
        var offer = _offer.Offer;
        Ask(
            new JingleMessage(JingleAction.SessionInitiate, Publish.Sid)
            {
                Initiator = Room,
                Contents = [.. offer.Contents.Select(c => c.Content with { Description = Write(c), Transport = c.Transport.Write("actpass") })],
                Groups = offer.IsBundled ? [new JingleGroup("BUNDLE", [.. offer.Contents.Select(c => c.Content.Name)])] : [],
                Extras = [ConferenceInfo.FocusMarker()],
            },
            error =>
            {
                // One that cannot take it says so at once; anything else is said by a session-terminate.
                if (error is null || IsClosed || IsAnswered) return;
                EndedBy = JingleCondition.UnsupportedApplications;
                IsDisowned = true;
            });
    }

    /// <inheritdoc/>
    protected override (uint Ssrc, uint? Rtx) SsrcsFor(OfferedContent content) =>
        _told.TryGetValue(content.Content.Name, out var told) && content.Content.Creator == JingleCreator.Initiator && _told.Remove(content.Content.Name) ? (told.Ssrc, content.Receives.HasRtx ? told.Rtx : null) : base.SsrcsFor(content);

    private RtpDescription Write(OfferedContent content)
    {
        if (!_told.TryGetValue(content.Content.Name, out var told)) return content.Sends.Write();
        return content.Sends.Write([.. Sources(content.Content.Name, told.Ssrc, told.Rtx)], told.Rtx is { } rtx ? [new RtpSourceGroup("FID", [told.Ssrc, rtx])] : []);
    }

    private StanzaError? Accept(JingleMessage message)
    {
        if (_offer.Take(message, out var fault) is not { } agreed)
        {
            if (fault is not null) return new StanzaError(StanzaCondition.BadRequest, fault);
            Terminate(Publish.Sid, JingleCondition.IncompatibleParameters);
            EndedBy = JingleCondition.IncompatibleParameters;
            IsDisowned = true;
            return null;
        }

        IsAnswered = true;
        Avoid(agreed.Contents);
        Publish.Change(agreed);
        Feed(agreed.Contents);
        _onAnswered(this);
        Context.Conference.Touch();
        return null;
    }
}
