using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>What of moderation is told with who is there: roles (RFC 4575 section 5.6.3), hands and silenced streams to all; who waits, who is kept out and what holds to moderators.</summary>
public sealed class ModerationView(Conference conference, RoomModeration moderation, Lobby lobby, RoomRecorder recorder)
{
    private static readonly string[] Moderator = ["moderator"];
    private readonly HashSet<Participant> _moderators = [];

    /// <summary>Everybody is about to be told: finds out once who moderates, and not once for each of them.</summary>
    public void Begin()
    {
        _moderators.Clear();
        _moderators.UnionWith(conference.Participants.Where(moderation.IsModerator));
    }

    /// <summary>The roles of somebody.</summary>
    public IReadOnlyList<string> RolesOf(Participant participant) => _moderators.Contains(participant) ? Moderator : [];

    /// <summary>What was done to somebody, and whether a hand is up; null for nothing.</summary>
    public Element? Of(Participant participant)
    {
        var rights = participant.Rights;
        var (audio, video) = (Word(rights.Of(MediaKind.Audio)), Word(rights.Of(MediaKind.Video)));
        if (rights.Hand is null && audio is null && video is null) return null;
        var place = rights.Hand is { } hand ? conference.Participants.Count(p => p.Rights.Hand <= hand) : 0;
        return New().Attr("hand", place > 0 ? place.ToString(System.Globalization.CultureInfo.InvariantCulture) : null).Attr("audio", audio).Attr("video", video);
    }

    /// <summary>What a moderator is told of the room; null for others.</summary>
    public Element? For(Participant receiver)
    {
        if (!_moderators.Contains(receiver)) return null;
        var policy = moderation.Policy;
        var e = New().Attr("locked", Flag(policy.IsLocked)).Attr("lobby", Flag(policy.HasLobby)).Attr("members-only", Flag(policy.IsMembersOnly)).Attr("password", Flag(policy.Password is not null))
            .Attr("records", recorder.MayRecord ? (recorder.MayCompose ? "picture" : "sound") : null).Attr("recordings", Flag(recorder.MayRecord && receiver.IsAccount));
        foreach (var caller in lobby.Callers)
        {
            // Anybody may call themselves anything: whose account it is tells more.
            var address = caller.Caller.Kind == SenderKind.Guest ? null : caller.Call.Peer.Bare.ToString();
            e.Add("caller", c => c.Attr("id", caller.Id).Attr("name", caller.Name).Attr("address", address));
        }

        foreach (var (id, name) in moderation.People.Banned) e.Add("banned", b => b.Attr("id", id).Attr("name", name));
        return e;
    }

    private static Element New() => new("moderation", ModerationNames.Namespace);

    private static string? Flag(bool isOn) => isOn ? "true" : null;

    private static string? Word(Silence silence) => silence switch
    {
        Silence.Muted => "muted",
        Silence.Held => "held",
        _ => null,
    };
}
