using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Coin;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Legs.Web;

/// <summary>The leg of our own call page (docs/legs/web.md): one bundled session both ways, what others send arriving in slots.</summary>
public sealed class WebLeg : JingleLeg
{
    private readonly SlotTable _table;
    private readonly Backoff _backoff = new();
    private List<Slot> _offered = [];
    private bool _isWaiting;
    private View _view = View.None;

    /// <summary>Makes the leg of an offer.</summary>
    public WebLeg(LegContext context, Call call, Participant participant, string id, string sid, CallOffer offer) : base(context, call, participant, id, sid, offer) =>
        _table = new SlotTable(Ssrcs);

    private MediaTransport Transport => Publish.Offer.Transports[0];

    /// <inheritdoc/>
    public override string Kind => "web";

    /// <inheritdoc/>
    public override Subscription? Find(Participant sender, MediaKind kind) => _table.Find(sender, kind) is { } slot ? new Subscription(slot.Name, slot.Ssrc) : null;

    /// <inheritdoc/>
    public override void Assign(Conference conference)
    {
        if (Participant.Current != this) return; // superseded: it keeps what it has until its successor is up
        foreach (var content in Publish.Offer.Contents)
        {
            var kind = content.Receives.Kind;
            var limit = kind == MediaKind.Audio ? Context.Options.AudioSlots : Context.Options.VideoSlots;
            var chosen = Audience.Choose(conference, Participant, kind, limit, _view, p => _table.Find(p, kind) is not null);
            if (_table.Serve(kind, chosen, limit, content.Receives)) conference.Touch();
        }
    }

    /// <inheritdoc/>
    public override EndpointSpec Describe(Conference conference) => new(Id, [Transport.Spec], Heard,
        [.. _table.Slots.Where(s => s.State == SlotState.Open).Select(s => new ForwarderSpec(s.Name, s.Kind, Transport.Spec.Id, s.Terms.MidOf(s.Name),
            s.Ssrc, s.Terms.HasRtx ? s.RtxSsrc : null, s.Cname, s.Terms.Payloads, s.Terms.Extensions, s.Holder?.SourceOf(s.Kind)))]);

    /// <inheritdoc/>
    public override void Signal(Conference conference)
    {
        base.Signal(conference);
        if (IsClosed || !IsAccepted || _isWaiting || _offered.Count > 0 || Participant.Current != this) return;
        var news = _table.Slots.Where(s => s.State == SlotState.New).ToList();
        if (news.Count == 0) return;
        foreach (var slot in news) slot.State = SlotState.Offered;
        _offered = news;
        List<string> bundle = [.. Publish.Offer.Contents.Select(c => c.Content.Name), .. _table.Slots.Where(s => s.State is SlotState.Open or SlotState.Offered).Select(s => s.Name)];
        Ask(SlotOffers.Write(Publish.Sid, news, bundle, Transport), OnAddAnswered);
    }

    /// <inheritdoc/>
    public override void Notify(Element info, string words)
    {
        if (!IsClosed) Ask(new JingleMessage(JingleAction.SessionInfo, Publish.Sid) { Extras = [info] });
    }

    /// <inheritdoc/>
    public override StanzaError? Take(JingleMessage message)
    {
        switch (message.Action)
        {
            case JingleAction.ContentAccept:
                return TakeAnswer(message, SlotOffers.Accept);
            case JingleAction.ContentReject:
                return TakeAnswer(message, (slot, _) => slot.State = SlotState.Refused);
            default:
                return TakeForPublish(message);
        }
    }

    /// <inheritdoc/>
    protected override Element[] AcceptExtras() => [ConferenceInfo.FocusMarker(), new Element("leg", Ns.WebLeg).Attr("participant", Participant.Id)];

    /// <inheritdoc/>
    protected override bool TryTakeInfo(Element payload)
    {
        if (payload.Is("view", Ns.WebLeg))
        {
            _view = WebInfo.ReadView(payload);
            return true;
        }

        if (!payload.Is("state", Ns.WebLeg)) return false;
        if (payload["name"] is { } name && Publish.TrackOf(name) is { } track) Publish.SetSlides(track, payload["content"] == "slides");
        return true;
    }

    private StanzaError? TakeAnswer(JingleMessage message, Action<Slot, JingleContent> take)
    {
        var answers = message.Contents.Where(c => c.Creator == JingleCreator.Responder)
            .Select(c => (Slot: _offered.FirstOrDefault(s => s.Name == c.Name && s.State == SlotState.Offered), Content: c)).Where(a => a.Slot is not null).ToList();
        if (answers.Count == 0) return JingleErrors.OutOfOrder();
        foreach (var (slot, content) in answers) take(slot!, content);
        if (_offered.All(s => s.State is SlotState.Open or SlotState.Refused)) _offered = [];
        Context.Conference.Touch();
        return null;
    }

    private void OnAddAnswered(StanzaError? error)
    {
        if (error is null)
        {
            _backoff.Reset();
            return;
        }

        if (IsClosed || NoteDisowned(error)) return;
        // A tie-break (XEP-0166 section 7.2.16): the page wins. Or the page is out of reach for now, which says nothing about its media. Either way once more.
        foreach (var slot in _offered.Where(s => s.State == SlotState.Offered)) slot.State = SlotState.New;
        _offered = [];
        _isWaiting = true;
        Context.Outbox.After(JingleErrors.IsTieBreak(error) ? _backoff.First : _backoff.Next(), () => _isWaiting = false);
    }
}
