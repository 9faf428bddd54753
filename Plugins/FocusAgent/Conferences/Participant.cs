using System.Net;
using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Conferences;

/// <summary>
/// Somebody in a conference. Usually there is one leg; while somebody comes back by a new one, the old stays until the new one's media is up, so that nobody
/// sees a gap.
/// </summary>
/// <param name="id">Unique in the conference, and a resourcepart: chat comes from <c>room@calls.domain/id</c>.</param>

public sealed class Participant(string id)
{
    /// <summary>Unique in the conference.</summary>
    public string Id { get; } = id;

    /// <summary>An account of this server, in whose presence guests may enter.</summary>
    public bool IsAccount { get; set; }

    /// <summary>Somebody without an account.</summary>
    public bool IsGuest { get; set; }

    /// <summary>The network address of its client; null if not known.</summary>
    public IPAddress? Network { get; set; }

    /// <summary>What it may, and what was done to it.</summary>
    public Rights Rights { get; } = new();

    /// <summary>The name shown.</summary>
    public string Name { get; set; } = "";

    /// <summary>Legs, oldest first; empty once gone.</summary>
    public List<Leg> Legs { get; } = [];

    /// <summary>The newest leg: the one that is told things.</summary>
    public Leg Current => Legs[^1];

    /// <summary>The address that the newest leg speaks from.</summary>
    public Jid Address => Current.Peer;

    /// <summary>
    /// Whether the others see it: some leg's media is up. Whoever calls again and again over a network that lets no media pass is nobody's ghost.
    /// </summary>
    public bool IsPresent => Legs.Any(l => l.IsConnected);

    /// <summary>What others receive of this participant: the newest leg's whose media is up.</summary>
    public IReadOnlyList<Track> Tracks => (Legs.LastOrDefault(l => l.IsConnected) ?? Legs.LastOrDefault())?.Tracks ?? [];

    /// <summary>The track of a kind; null if there is none.</summary>
    public Track? TrackOf(MediaKind kind) => Tracks.FirstOrDefault(t => t.Kind == kind);

    /// <summary>The id of the track of a kind that goes on to others; null if there is none, or a moderator silenced it.</summary>
    public string? SourceOf(MediaKind kind) => Rights.IsSilenced(kind) ? null : TrackOf(kind)?.Id;
}
