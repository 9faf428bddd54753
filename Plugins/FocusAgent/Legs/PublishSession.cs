using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Legs;

/// <summary>The session that a caller opened to send its media: common to the legs whose callers only send on it.</summary>
public sealed class PublishSession
{
    private readonly string _legId;
    private readonly Dictionary<string, Track> _byContent = [];
    private List<TrackSpec> _specs = [];
    private int _later;

    /// <summary>Makes the session of an offer.</summary>
    /// <param name="sid">Its id, as the caller named it.</param>
    /// <param name="legId">The leg, whose id begins those of the tracks.</param>
    /// <param name="offer">The offer.</param>
    public PublishSession(string sid, string legId, CallOffer offer)
    {
        (Sid, _legId, Offer) = (sid, legId, offer);
        Change(offer);
    }

    /// <summary>The session's id.</summary>
    public string Sid { get; }

    /// <summary>What was offered and is taken.</summary>
    public CallOffer Offer { get; private set; }

    /// <summary>What the caller sends.</summary>
    public IReadOnlyList<Track> Tracks { get; private set; } = [];

    /// <summary>Its tracks for the relay. The same list until a mute or a content changes it.</summary>
    public IReadOnlyList<TrackSpec> Specs => _specs;

    /// <summary>Goes on with other contents (XEP-0166 sections 7.2.2 and 7.2.6). Those that stay keep their tracks.</summary>
    public void Change(CallOffer offer)
    {
        Offer = offer;
        var isFirst = Tracks.Count == 0 && _later == 0;
        foreach (var gone in _byContent.Keys.Where(n => offer.Contents.All(c => c.Content.Name != n)).ToList()) _byContent.Remove(gone);
        foreach (var content in offer.Contents)
        {
            // A content that comes later is another stream than one of its kind that went before.
            if (!_byContent.ContainsKey(content.Content.Name)) _byContent[content.Content.Name] = new Track($"{_legId}.{MediaTerms.NameOf(content.Sends.Kind)}{(isFirst ? "" : $".{++_later}")}", content.Sends.Kind);
        }

        Tracks = [.. offer.Contents.Select(c => _byContent[c.Content.Name])];
        _specs = Describe();
    }

    /// <summary>The content of a name and creator; null if there is none.</summary>
    public OfferedContent? Find(JingleContent named) => Offer.Contents.FirstOrDefault(c => c.Content.Name == named.Name && c.Content.Creator == named.Creator);

    /// <summary>The transport of an id; null if it is not of this session.</summary>
    public MediaTransport? Find(string transportId) => Offer.Transports.FirstOrDefault(t => t.Spec.Id == transportId);

    /// <summary>The track that a content carries; null if there is no such content.</summary>
    public Track? TrackOf(string content) => _byContent.GetValueOrDefault(content);

    /// <summary>The session-accept: the same contents in the caller's numbers, our transports.</summary>
    /// <param name="room">The room as it was called.</param>
    /// <param name="answer">Answers a content.</param>
    /// <param name="extras">What else to say.</param>
    public JingleMessage Accept(Jid room, Func<OfferedContent, JingleContent> answer, params Element[] extras) => new(JingleAction.SessionAccept, Sid)
    {
        Responder = room,
        Contents = [.. Offer.Contents.Select(answer)],
        Groups = Offer.IsBundled ? [new JingleGroup("BUNDLE", [.. Offer.Contents.Select(c => c.Content.Name)])] : [],
        Extras = extras,
    };

    /// <summary>Takes a transport-info or transport-replace.</summary>
    public StanzaError? TakeTransport(JingleMessage message)
    {
        foreach (var content in message.Contents)
        {
            if (Find(content) is not { } own) continue; // a content that was refused may still trickle
            if (content.Transport is null && message.Action == JingleAction.TransportReplace)
            {
                own.Transport.Reject();
                continue;
            }

            if (content.Transport is null) return new StanzaError(StanzaCondition.BadRequest, "content lacks an ICE-UDP transport");
            var answer = message.Action == JingleAction.TransportReplace ? JingleAction.TransportAccept : JingleAction.TransportInfo;
            if (!own.Transport.TryTake(content.Transport, answer)) return new StanzaError(StanzaCondition.BadRequest, "transport lacks valid ICE credentials, or has another fingerprint");
        }

        return null;
    }

    /// <summary>Answers of ICE restarts that the relay is ready for.</summary>
    public IEnumerable<JingleMessage> TakeOwed()
    {
        foreach (var content in Offer.Contents)
        {
            if (content.Transport.TakeOwed() is not { } action) continue;
            yield return new JingleMessage(action, Sid)
            {
                Contents = [new JingleContent(content.Content.Creator, content.Content.Name) { Senders = content.Content.Senders, Transport = action == JingleAction.TransportReject ? null : content.Transport.Write(content.Transport.Setup) }],
            };
        }
    }

    /// <summary>Takes a session-info about media (XEP-0167 section 8): mute and hold of one content or all.</summary>
    /// <returns>False if the payload is none of these.</returns>
    public bool TryTakeInfo(Element payload)
    {
        if (!RtpInfo.TryRead(payload, out var info)) return false;
        if (info.Kind is RtpInfoKind.Active or RtpInfoKind.Ringing) return true;
        foreach (var (name, track) in _byContent)
        {
            if (info.Name is null || info.Name == name) track.IsMuted = info.Kind is RtpInfoKind.Mute or RtpInfoKind.Hold;
        }

        _specs = Describe();
        return true;
    }

    /// <summary>Notes whether anything comes of a track.</summary>
    public void SetMuted(Track track, bool isMuted)
    {
        track.IsMuted = isMuted;
        _specs = Describe();
    }

    /// <summary>Notes whether a track shows a screen.</summary>
    public void SetSlides(Track track, bool isSlides)
    {
        track.IsSlides = isSlides;
        _specs = Describe();
    }

    private List<TrackSpec> Describe() =>
        [.. Offer.Contents.Select(c => new TrackSpec(_byContent[c.Content.Name].Id, c.Sends.Kind, c.Transport.Spec.Id, c.Sends.MidOf(c.Content.Name),
            c.Ssrc, c.RtxSsrc, c.Sends.Payloads, c.Sends.Extensions, _byContent[c.Content.Name].IsMuted, _byContent[c.Content.Name].IsSlides))];
}
