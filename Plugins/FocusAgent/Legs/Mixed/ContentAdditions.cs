using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Jingle;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>
/// The contents that a client adds to its session while it goes on, audio to video above all (XEP-0166 sections 7.2.2 to 7.2.6): judges them, and answers once the relay has made what they need.
/// </summary>
/// <param name="capabilities">What the relay can do.</param>
/// <param name="session">The session.</param>
/// <param name="client">The client's role in it.</param>
/// <param name="raw">The settings for transports without ICE; null where the client may have none.</param>
public sealed class ContentAdditions(RelayCapabilities capabilities, PublishSession session, JingleSenders client, RawUdpOptions? raw)
{
    private readonly List<OfferedContent> _waiting = [];
    private readonly List<(JingleContent Content, JingleCondition Why)> _refused = [];
    private readonly HashSet<MediaTransport> _transports = [];
    private int _number = session.Offer.Transports.Count;

    /// <summary>Takes a content-add: what can be had becomes part of the session at once, what cannot is refused with the next answers.</summary>
    /// <returns>What became part of the session.</returns>
    public IReadOnlyList<OfferedContent> Take(JingleMessage message)
    {
        var offer = session.Offer;
        var shared = offer.IsBundled && offer.Contents.Count > 0 ? offer.Contents[0].Transport : null;
        // Those who bundle name the whole group again, the new content among it, and may repeat the transport or leave it empty.
        var reader = new ContentReader(capabilities, shared is null ? [] : message.Bundle ?? [], shared, _number, client, raw);
        var taken = new List<OfferedContent>();
        foreach (var content in message.Contents)
        {
            if (Judge(content, [.. offer.Contents, .. taken], reader, out var why) is { } good) taken.Add(good);
            else _refused.Add((content, why));
        }

        if (taken.Count == 0) return taken;
        _number = reader.Next;
        foreach (var transport in reader.Made)
        {
            transport.BecomeClient();
            _transports.Add(transport);
        }

        _waiting.AddRange(taken);
        session.Change(offer with { Contents = [.. offer.Contents, .. taken], Transports = [.. offer.Transports, .. reader.Made] });
        return taken;
    }

    /// <summary>Whether a transport came with a content that was added: the call goes on without.</summary>
    public bool Has(MediaTransport transport) => _transports.Contains(transport);

    /// <summary>Takes contents out of the session.</summary>
    public void Remove(IReadOnlyList<OfferedContent> contents)
    {
        _waiting.RemoveAll(contents.Contains);
        var left = session.Offer.Contents.Where(c => !contents.Contains(c)).ToList();
        _transports.RemoveWhere(t => left.All(c => c.Transport != t));
        session.Change(session.Offer with { Contents = left, Transports = [.. session.Offer.Transports.Where(t => left.Any(c => c.Transport == t))] });
    }

    /// <summary>Refuses after all what was not answered yet.</summary>
    /// <returns>What was taken out of the session.</returns>
    public IReadOnlyList<OfferedContent> TakeBack(JingleCondition why)
    {
        var back = _waiting.ToList();
        _refused.AddRange(back.Select(c => (c.Content, why)));
        if (back.Count > 0) Remove(back);
        return back;
    }

    /// <summary>The answers that can be given now.</summary>
    /// <param name="accept">Answers a content.</param>
    public IEnumerable<JingleMessage> Answers(Func<OfferedContent, JingleContent> accept)
    {
        foreach (var refused in _refused.GroupBy(r => r.Why))
        {
            yield return new JingleMessage(JingleAction.ContentReject, session.Sid)
            {
                Contents = [.. refused.Select(r => JingleLeg.Refused(r.Content))],
                Reason = new JingleReason(refused.Key),
            };
        }

        _refused.Clear();
        var ready = _waiting.Where(c => c.Transport.State is not null).ToList();
        if (ready.Count == 0) yield break;
        _waiting.RemoveAll(ready.Contains);
        yield return new JingleMessage(JingleAction.ContentAccept, session.Sid)
        {
            Contents = [.. ready.Select(accept)],
            Groups = session.Offer.IsBundled ? [new JingleGroup("BUNDLE", [.. session.Offer.Contents.Where(c => c.Transport == session.Offer.Contents[0].Transport).Select(c => c.Content.Name)])] : [],
        };
    }

    private static OfferedContent? Judge(JingleContent content, IReadOnlyList<OfferedContent> known, ContentReader reader, out JingleCondition why)
    {
        why = JingleCondition.FailedApplication;
        // Names are mids where a client bundles, so that one must not be there twice, whoever made it.
        if (known.Any(c => c.Content.Name == content.Name)) return null;
        why = JingleCondition.UnsupportedApplications;
        if (content.Disposition != "session" || known.Any(c => c.Sends.Kind == MediaTerms.KindOf(content.Description?.Media))) return null; // one of each kind
        var taken = reader.Read(content, out var fault, out why);
        if (fault is not null) why = JingleCondition.FailedTransport;
        return taken is null ? null : TelephoneKeys.Take(taken);
    }
}
