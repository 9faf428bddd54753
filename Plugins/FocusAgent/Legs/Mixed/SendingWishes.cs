using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Legs.Mixed;

/// <summary>
/// In which contents of a session the room may send. Dino and its like add a camera in which they alone send, and show the other side's picture once that side asks to send too
/// (XEP-0166 section 7.2.3): so the room asks, once, when there is a picture to show.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="client">The client's role in it.</param>
public sealed class SendingWishes(PublishSession session, JingleSenders client)
{
    // By content: who sends, as it was said last. Absent: as it was offered.
    private readonly Dictionary<string, JingleSenders> _senders = [];
    private readonly HashSet<string> _open = [];
    private string? _asked;

    /// <summary>Whether the client takes what we send in a content.</summary>
    public bool TakesOurs(OfferedContent content)
    {
        var senders = _senders.GetValueOrDefault(content.Content.Name, content.Content.Senders);
        return senders == JingleSenders.Both || (senders != client && senders != JingleSenders.None);
    }

    /// <summary>Notes contents that the client added while the call was on.</summary>
    public void Add(IEnumerable<OfferedContent> contents)
    {
        foreach (var content in contents)
        {
            _senders.Remove(content.Content.Name);
            _open.Remove(content.Content.Name);
            if (content.Content.Senders == client) _open.Add(content.Content.Name);
        }
    }

    /// <summary>The content in which we wish to send now; null if there is none.</summary>
    /// <param name="conference">The conference.</param>
    /// <param name="self">Whose session it is.</param>
    public OfferedContent? Next(Conference conference, Participant self)
    {
        if (_asked is not null) return null;
        return session.Offer.Contents.FirstOrDefault(c => _open.Contains(c.Content.Name) && c.Transport.State is not null
            && (c.Sends.Kind == MediaKind.Audio || conference.Others(self).Any(o => o.TrackOf(MediaKind.Video)?.IsActive == true)));
    }

    /// <summary>The request to send in a content.</summary>
    public JingleMessage Ask(OfferedContent content)
    {
        _asked = content.Content.Name;
        return new JingleMessage(JingleAction.ContentModify, session.Sid) { Contents = [new JingleContent(content.Content.Creator, content.Content.Name) { Senders = JingleSenders.Both }] };
    }

    /// <summary>Takes the answer.</summary>
    /// <returns>Whether we may send.</returns>
    public bool Answered(OfferedContent content, StanzaError? error)
    {
        _asked = null;
        // Any error is a no; after a tie-break (section 7.2.16) the client says itself what it wants.
        if (!_open.Remove(content.Content.Name) || error is not null || !session.Offer.Contents.Contains(content)) return false;
        _senders[content.Content.Name] = JingleSenders.Both;
        return true;
    }

    /// <summary>Notes who sends from now on, as the client says.</summary>
    /// <returns>Whether we may send.</returns>
    public bool Told(OfferedContent content, JingleSenders senders)
    {
        // Whoever says it has decided, and is not asked.
        _open.Remove(content.Content.Name);
        _senders[content.Content.Name] = senders;
        return TakesOurs(content);
    }
}
