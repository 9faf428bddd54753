using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core.Coin;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>
/// The leg of an ordinary one-to-one client (docs/legs/mixed.md): one session both ways, in which it hears everybody else mixed and sees whoever speaks, or all in one picture. Nothing is asked of it
/// that a call between two people would not: no BUNDLE, no SSRCs, no further contents.
/// </summary>
public class MixedLeg : JingleLeg, IMixedReceiver
{
    private readonly ContentAdditions _additions;
    private readonly SendingWishes _wishes;
    private readonly string _cname = Ids.New();
    private (TrackSpec Whole, TrackSpec? Keys)? _silent;
    private bool _isSwitchedOff;

    /// <summary>Makes the leg of an offer.</summary>
    public MixedLeg(LegContext context, Call call, Participant participant, string id, string sid, CallOffer offer) : this(context, call, participant, id, sid, offer, JingleSenders.Initiator)
    {
        Feed(Publish.Offer.Contents);
        // What clients do for each other, and so what works: Dino, which listens until it is answered, often misses that it is to begin after all, and the call stays silent.
        foreach (var transport in offer.Transports) transport.BecomeClient();
    }

    /// <summary>Makes a leg in which nothing is sent yet.</summary>
    /// <param name="context">What it works with.</param>
    /// <param name="call">The call.</param>
    /// <param name="participant">Whose it is.</param>
    /// <param name="id">Its id.</param>
    /// <param name="sid">The session's.</param>
    /// <param name="offer">What is offered.</param>
    /// <param name="client">The client's role in the session.</param>
    protected MixedLeg(LegContext context, Call call, Participant participant, string id, string sid, CallOffer offer, JingleSenders client) : base(context, call, participant, id, sid, TelephoneKeys.Take(offer))
    {
        Client = client;
        _additions = new ContentAdditions(context.Capabilities, Publish, client, context.Options.RawUdp.Allows(call.Peer) ? context.Options.RawUdp : null);
        _wishes = new SendingWishes(Publish, client);
        Slots = new MixedSlots(context.Capabilities.HasVideoMixer, context.Options.MixedVideo);
    }

    /// <summary>
    /// Never: a client that knows calls between two believes nothing of a conference. Dino, told who is there, takes the one that it calls out of its window, and dies of the next change;
    /// a room's chat is a message of a kind that none expects of a contact.
    /// </summary>
    public override bool IsListening => false;

    /// <inheritdoc/>
    public KeyCommands Keys { get; } = new();

    /// <inheritdoc/>
    public MixedSlots Slots { get; }

    /// <summary>The client's role in the session.</summary>
    protected JingleSenders Client { get; }

    /// <summary>Whether contents may come and go: the session has been accepted.</summary>
    protected virtual bool IsActive => true;

    /// <inheritdoc/>
    public override string Kind => "client";

    /// <inheritdoc/>
    public override Subscription? Find(Participant sender, MediaKind kind) => null;

    /// <inheritdoc/>
    public override void Assign(Conference conference)
    {
        // The relay mixes, and knows best who speaks.
    }

    /// <inheritdoc/>
    public override EndpointSpec Describe(Conference conference) => new(Id, [.. Publish.Offer.Transports.Select(t => t.Spec)], Taken(), Slots.All);

    /// <inheritdoc/>
    public override StanzaError? Take(JingleMessage message) => message.Action switch
    {
        JingleAction.ContentAdd or JingleAction.ContentModify or JingleAction.ContentRemove when !IsActive => JingleErrors.OutOfOrder("the session has not been accepted"),
        JingleAction.ContentAdd => Add(message),
        JingleAction.ContentModify => Modify(message),
        JingleAction.ContentRemove => Remove(message),
        _ => TakeForPublish(message),
    };

    /// <inheritdoc/>
    public override void Signal(Conference conference)
    {
        base.Signal(conference);
        if (IsClosed || !IsConfirmed || !IsActive) return;
        foreach (var answer in _additions.Answers(AcceptContent)) Ask(answer, error => NoteDisowned(error));
        if (_wishes.Next(conference, Participant) is not { } wish) return;
        Ask(_wishes.Ask(wish), error =>
        {
            if (IsClosed || NoteDisowned(error)) return;
            if (_wishes.Answered(wish, error)) Feed([wish]);
        });
    }

    /// <inheritdoc/>
    public override LegEnd? OnTransportEnded(string transportId, TransportEnd why)
    {
        if (Publish.Find(transportId) is not { } transport || !_additions.Has(transport)) return base.OnTransportEnded(transportId, why);
        // The call that was there before goes on.
        var gone = Publish.Offer.Contents.Where(c => c.Transport == transport).ToList();
        Ask(new JingleMessage(JingleAction.ContentRemove, Publish.Sid) { Contents = [.. gone.Select(Name)], Reason = new JingleReason(Reasons.Of(Reasons.Of(why))) });
        Drop(gone);
        return null;
    }

    /// <inheritdoc/>
    public override bool TakeBack(RelayFault fault)
    {
        var back = _additions.TakeBack(Reasons.ConditionOf(fault));
        Slots.Remove(f => back.Any(c => c.Content.Name == f.Id));
        return back.Count > 0;
    }

    /// <inheritdoc/>
    public CueSound SwitchMicrophone()
    {
        if (Publish.Tracks.FirstOrDefault(t => t.Kind == MediaKind.Audio) is not { } track) return CueSound.Denied;
        Publish.SetMuted(track, !track.IsMuted && Participant.Rights.Of(MediaKind.Audio) != Silence.Muted);
        _isSwitchedOff = track.IsMuted;
        if (!track.IsMuted) Participant.Rights.TakeBack(MediaKind.Audio);
        Context.Conference.Touch();
        return track.IsMuted ? CueSound.Off : Participant.Rights.IsSilenced(MediaKind.Audio) ? CueSound.Denied : CueSound.On;
    }

    /// <inheritdoc/>
    protected override Element[] AcceptExtras() => [ConferenceInfo.FocusMarker()];

    /// <inheritdoc/>
    protected override JingleContent AcceptContent(OfferedContent offered)
    {
        var forwarder = Slots.All.FirstOrDefault(f => f.Id == offered.Content.Name);
        // Whoever tells its SSRCs wants to know ours (XEP-0339); the others find the stream by itself.
        var tells = forwarder is not null && offered.Content.Description!.Sources.Count > 0;
        var description = OpusChannels.Answer(tells ? offered.Sends.Write([.. Sources(forwarder!.Id, forwarder.Ssrc, forwarder.RtxSsrc)], forwarder.RtxSsrc is { } rtx ? [new RtpSourceGroup("FID", [forwarder.Ssrc, rtx])] : []) : offered.Sends.Write());
        return offered.Transport.Put(Name(offered) with { Description = description with { RtcpMux = offered.Content.Description!.RtcpMux } });
    }

    /// <summary>Sends from now on what the client wants in these contents.</summary>
    protected void Feed(IEnumerable<OfferedContent> contents) =>
        Slots.Add(contents.Where(c => _wishes.TakesOurs(c) && Slots.All.All(f => f.Id != c.Content.Name)).Select(Feed));

    private static JingleContent Name(OfferedContent offered) => new(offered.Content.Creator, offered.Content.Name) { Senders = offered.Content.Senders };

    private StanzaError? Add(JingleMessage message)
    {
        if (message.Contents.Count == 0) return new StanzaError(StanzaCondition.BadRequest, "no content to add");
        var added = _additions.Take(message);
        Avoid(added);
        _wishes.Add(added);
        Feed(added);
        Context.Conference.Touch();
        return null;
    }

    // XEP-0166 section 7.2.6: nothing is answered but the request; a session without contents is void.
    private StanzaError? Remove(JingleMessage message)
    {
        var gone = message.Contents.Select(Publish.Find).ToList();
        if (gone.Count == 0 || gone.Contains(null)) return new StanzaError(StanzaCondition.ItemNotFound, "no such content");
        Drop(gone!);
        if (Publish.Offer.Contents.Count > 0) return null;
        Terminate(Publish.Sid, JingleCondition.Success);
        IsDisowned = true;
        return null;
    }

    private void Drop(IReadOnlyList<OfferedContent> gone)
    {
        _additions.Remove(gone);
        Slots.Remove(f => gone.Any(c => c.Content.Name == f.Id));
        Context.Conference.Touch();
    }

    // XEP-0167 section 9.2 and XEP-0166 section 7.2.4: who sends what changes, as for hold and for the camera; we go on sending what is taken or not.
    private StanzaError? Modify(JingleMessage message)
    {
        if (message.Contents.Any(c => Publish.Find(c) is null)) return new StanzaError(StanzaCondition.ItemNotFound, "no such content");
        foreach (var content in message.Contents)
        {
            var track = Publish.TrackOf(content.Name)!;
            var wasMuted = track.IsMuted;
            Publish.SetMuted(track, content.Senders != JingleSenders.Both && content.Senders != Client);
            if (wasMuted && !track.IsMuted) Participant.Rights.TakeBack(track.Kind);
            if (_wishes.Told(Publish.Find(content)!, content.Senders)) Feed([Publish.Find(content)!]);
        }

        Context.Conference.Touch();
        return null;
    }

    // A telephone does not stop sending: of one that was switched off, by whomever, the keys alone are taken, which may switch it on again.
    private IReadOnlyList<TrackSpec> Taken()
    {
        if (Publish.Specs.FirstOrDefault(s => s.Kind == MediaKind.Audio && ((_isSwitchedOff && s.Muted) || Participant.Rights.IsSilenced(s.Kind))) is not { } off) return Heard;
        if (_silent is not { } known || known.Whole != off) _silent = known = (off, TelephoneKeys.Alone(off));
        return known.Keys is null ? Heard : [known.Keys, .. Heard.Where(s => s.Id != off.Id)];
    }

    private ForwarderSpec Feed(OfferedContent offered)
    {
        var kind = offered.Receives.Kind;
        var (ssrc, rtx) = SsrcsFor(offered);
        return new ForwarderSpec(offered.Content.Name, kind, offered.Transport.Spec.Id, offered.Receives.MidOf(offered.Content.Name), ssrc, rtx, _cname,
            offered.Receives.Payloads, offered.Receives.Extensions, null, Slots.FeedOf(kind));
    }

    /// <summary>What we send in a content, for whoever wants to know (XEP-0339).</summary>
    protected IEnumerable<RtpSource> Sources(string content, uint ssrc, uint? rtx)
    {
        KeyValuePair<string, string>[] parameters = [KeyValuePair.Create("cname", _cname), KeyValuePair.Create("msid", $"{_cname} {_cname}-{content}")];
        yield return new RtpSource(ssrc, parameters);
        if (rtx is { } resends) yield return new RtpSource(resends, parameters);
    }

    /// <summary>The SSRCs to send with in a content, the one for retransmissions null where there are none.</summary>
    protected virtual (uint Ssrc, uint? Rtx) SsrcsFor(OfferedContent content) => (Ssrcs.Next(), content.Receives.HasRtx ? Ssrcs.Next() : null);
}
