using System.Text.Json;

namespace Parley.tests.Browser;

/// <summary>What one page shows and receives at one moment.</summary>
public sealed record CallView(CallSnapshot Snapshot, IReadOnlyList<string> Tiles, IReadOnlyList<InboundStream> Inbound, IReadOnlyList<CandidatePair> Pairs, string Notice)
{
    /// <summary>The expression that reads it in the page.</summary>
    public const string Expression =
        """
        (async () => {
          const stats = await parley.getStats();
          const byId = new Map(stats.map((s) => [s.id, s]));
          return {
            snapshot: parley.snapshot(),
            tiles: [...document.querySelectorAll('[data-participant]')].map((e) => e.dataset.participant),
            inbound: stats.filter((s) => s.type === 'inbound-rtp').map((s) => ({ mid: s.mid ?? '', kind: s.kind, frames: s.framesDecoded ?? 0, packets: s.packetsReceived ?? 0 })),
            notice: ['banner', 'end-title', 'end-text'].map((id) => document.getElementById(id)).filter((e) => e?.offsetParent).map((e) => e.textContent).join(' '),
            pairs: stats.filter((s) => s.type === 'candidate-pair' && (s.bytesSent > 0 || s.bytesReceived > 0))
              .map((s) => ({ local: byId.get(s.localCandidateId)?.candidateType ?? '', protocol: byId.get(s.localCandidateId)?.relayProtocol ?? '', remote: byId.get(s.remoteCandidateId)?.address ?? '', bytesSent: s.bytesSent })),
          };
        })()
        """;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Reads what the expression gave.</summary>
    public static CallView Read(JsonElement json) => json.Deserialize<CallView>(Json)!;

    /// <summary>The people other than oneself.</summary>
    public IEnumerable<Person> Others => Snapshot.Participants.Where(p => !p.IsSelf);

    /// <summary>Frames decoded so far of somebody's video.</summary>
    public long Frames(Person person) => Inbound.FirstOrDefault(s => s.Kind == "video" && s.Mid == person.Slots.Video)?.Frames ?? 0;

    /// <summary>Audio packets received so far from somebody.</summary>
    public long AudioPackets(Person person) => Inbound.FirstOrDefault(s => s.Kind == "audio" && s.Mid == person.Slots.Audio)?.Packets ?? 0;

    /// <summary>In a failing test's words.</summary>
    public override string ToString() =>
        $"{Snapshot.State} {Snapshot.Condition} '{Notice}', tiles {Tiles.Count}: {string.Join("; ", Snapshot.Participants.Select(p => $"{p.Name}{(p.IsSelf ? " (self)" : $" a={p.Slots.Audio}:{AudioPackets(p)} v={p.Slots.Video}:{Frames(p)}")}"))}";
}

/// <summary>The page's own account of the call (<c>window.parley.snapshot()</c>).</summary>
public sealed record CallSnapshot(string State, string Condition, string Self, IReadOnlyList<Person> Participants);

/// <summary>Somebody in the call.</summary>
public sealed record Person(string Id, string Name, bool IsSelf, bool IsMuted, bool IsVideoOn, bool IsSlides, bool IsModerator, int? Hand, Slots Slots);

/// <summary>The media sections through which somebody is received.</summary>
public sealed record Slots(string? Audio, string? Video);

/// <summary>A received stream (webrtc-stats, inbound-rtp).</summary>
public sealed record InboundStream(string Mid, string Kind, long Frames, long Packets);

/// <summary>A candidate pair that carried something.</summary>
public sealed record CandidatePair(string Local, string Protocol, string Remote, long BytesSent);
