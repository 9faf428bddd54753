using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Coin;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>
/// The leg of an ordinary one-to-one client (docs/legs/mixed.md): one session both ways, in which it hears everybody else mixed and sees whoever speaks. Nothing is asked of it
/// that a call between two people would not: no BUNDLE, no SSRCs, no further contents.
/// </summary>
public sealed class MixedLeg : JingleLeg
{
    private readonly IReadOnlyList<ForwarderSpec> _forwarders;
    private readonly string _cname = Ids.New();

    /// <summary>Makes the leg of an offer.</summary>
    public MixedLeg(LegContext context, Call call, Participant participant, string id, string sid, CallOffer offer) : base(context, call, participant, id, sid, offer)
    {
        _forwarders = [.. offer.Contents.Where(c => c.Content.Senders is JingleSenders.Both or JingleSenders.Responder).Select(Feed)];
        // What clients do for each other, and so what works: Dino, which listens until it is answered, often misses that it is to begin after all, and the call stays silent.
        foreach (var transport in offer.Transports) transport.BecomeClient();
    }

    /// <summary>
    /// Never: a client that knows calls between two believes nothing of a conference. Dino, told who is there, takes the one that it calls out of its window, and dies of the next change;
    /// a room's chat is a message of a kind that none expects of a contact.
    /// </summary>
    public override bool IsListening => false;

    /// <inheritdoc/>
    public override Subscription? Find(Participant sender, MediaKind kind) => null;

    /// <inheritdoc/>
    public override void Assign(Conference conference)
    {
        // The relay mixes, and knows best who speaks.
    }

    /// <inheritdoc/>
    public override EndpointSpec Describe(Conference conference) => new(Id, [.. Publish.Offer.Transports.Select(t => t.Spec)], Publish.Specs, _forwarders);

    /// <inheritdoc/>
    public override StanzaError? Take(JingleMessage message) => message.Action == JingleAction.ContentModify ? Modify(message) : TakeForPublish(message);

    /// <inheritdoc/>
    protected override Element[] AcceptExtras() => [ConferenceInfo.FocusMarker()];

    /// <inheritdoc/>
    protected override JingleContent AcceptContent(OfferedContent offered)
    {
        var forwarder = _forwarders.FirstOrDefault(f => f.Id == offered.Content.Name);
        // Whoever tells its SSRCs wants to know ours (XEP-0339); the others find the stream by itself.
        var tells = forwarder is not null && offered.Content.Description!.Sources.Count > 0;
        return new JingleContent(JingleCreator.Initiator, offered.Content.Name)
        {
            Senders = offered.Content.Senders,
            Description = tells ? offered.Sends.Write([.. Sources(forwarder!)], forwarder!.RtxSsrc is { } rtx ? [new RtpSourceGroup("FID", [forwarder.Ssrc, rtx])] : []) : offered.Sends.Write(),
            Transport = offered.Transport.Write(offered.Transport.Setup),
        };
    }

    // XEP-0167 section 9.2 and XEP-0166 section 7.2.4: who sends what changes, as for hold and for the camera; we go on sending what is taken or not.
    private StanzaError? Modify(JingleMessage message)
    {
        foreach (var content in message.Contents)
        {
            if (Publish.TrackOf(content.Name) is not { } track || content.Creator != JingleCreator.Initiator) return new StanzaError(StanzaCondition.ItemNotFound, "no such content");
            Publish.SetMuted(track, content.Senders is JingleSenders.Responder or JingleSenders.None);
        }

        Context.Conference.Touch();
        return null;
    }

    private ForwarderSpec Feed(OfferedContent offered)
    {
        var kind = offered.Receives.Kind;
        return new ForwarderSpec(offered.Content.Name, kind, offered.Transport.Spec.Id, offered.Receives.MidOf(offered.Content.Name), Ssrcs.Next(), offered.Receives.HasRtx ? Ssrcs.Next() : null, _cname,
            offered.Receives.Payloads, offered.Receives.Extensions, null, kind == MediaKind.Audio ? ForwarderFeed.Mix : ForwarderFeed.Speaker);
    }

    private IEnumerable<RtpSource> Sources(ForwarderSpec forwarder)
    {
        KeyValuePair<string, string>[] parameters = [KeyValuePair.Create("cname", _cname), KeyValuePair.Create("msid", $"{_cname} {_cname}-{forwarder.Id}")];
        yield return new RtpSource(forwarder.Ssrc, parameters);
        if (forwarder.RtxSsrc is { } rtx) yield return new RtpSource(rtx, parameters);
    }
}
