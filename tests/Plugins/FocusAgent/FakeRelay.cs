using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Parley.Media.Control;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>A relay without media that is as strict as the contract: it refuses what names something impossible, and remembers what it was told.</summary>
internal sealed class FakeRelay : IMediaRelay
{
    private static readonly string[] VideoFeedback = ["nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"];
    private readonly Lock _gate = new();
    private readonly List<Watcher> _watchers = [];
    private readonly Dictionary<(string, string, string), TransportState> _transports = [];
    private int _ports;

    public string Epoch { get; private set; } = "e1";

    public Dictionary<string, Dictionary<string, EndpointSpec>> Conferences { get; } = [];

    public List<ModifyConference> Requests { get; } = [];

    /// <summary>Decides whether to refuse a request.</summary>
    public Func<ModifyConference, RelayFault?> Judge { get; set; } = _ => null;

    public RelayCapabilities Capabilities { get; set; } = new(
    [
        new PayloadType(111, "opus", 48000, 2, MediaKind.Audio, [], ["transport-cc"]),
        new PayloadType(96, "VP8", 90000, 1, MediaKind.Video, [], VideoFeedback, 97),
    ],
    [new(1, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"), new(3, TransportCc), new(4, Mid)],
    [new(13, "urn:3gpp:video-orientation"), new(3, TransportCc), new(4, Mid)]);

    public const string Mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
    public const string TransportCc = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    /// <summary>The tracks that the last told <see cref="TrackFlowChanged"/>, or the test itself, says to flow.</summary>
    public HashSet<string> Flowing { get; } = [];

    /// <summary>How transports stand, by endpoint and id; told events are noted.</summary>
    public Dictionary<(string, string), (bool IsConnected, TransportEnd? EndedBy)> Standing { get; } = [];

    /// <summary>Every endpoint of all conferences.</summary>
    public IReadOnlyList<EndpointSpec> Endpoints
    {
        get
        {
            lock (_gate) return [.. Conferences.Values.SelectMany(c => c.Values)];
        }
    }

    public Task<ConferenceState> ModifyConferenceAsync(ModifyConference request, CancellationToken ct = default)
    {
        lock (_gate)
        {
            Requests.Add(request);
            if (Judge(request) is { } fault) throw new MediaRelayException(fault, "as the test wishes");
            if (request.Expire)
            {
                Conferences.Remove(request.ConferenceId);
                return Task.FromResult(new ConferenceState(Epoch, []));
            }

            var before = Conferences.TryGetValue(request.ConferenceId, out var known) ? known : [];
            var next = new Dictionary<string, EndpointSpec>(before);
            foreach (var id in request.ExpireEndpoints) next.Remove(id);
            // As it was said: whoever changes it afterwards has told a relay nothing.
            foreach (var endpoint in request.Endpoints) next[endpoint.Id] = endpoint with { Transports = [.. endpoint.Transports], Tracks = [.. endpoint.Tracks], Forwarders = [.. endpoint.Forwarders] };
            var tracks = next.Values.SelectMany(e => e.Tracks).Select(t => t.Id).ToHashSet();
            foreach (var endpoint in next.Values) Check(endpoint, tracks, before.GetValueOrDefault(endpoint.Id));
            Conferences[request.ConferenceId] = next;
            return Task.FromResult(new ConferenceState(Epoch, [.. request.Endpoints.Select(e => new EndpointState(e.Id, [.. e.Transports.Select(t => StateOf(request.ConferenceId, e.Id, t))], [.. e.Tracks.Select(t => t.Id).Where(Flowing.Contains)]))]));
        }
    }

    public async IAsyncEnumerable<RelayEvent> WatchAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        var watcher = new Watcher();
        lock (_gate) _watchers.Add(watcher);
        try
        {
            await foreach (var e in watcher.Events.Reader.ReadAllAsync(ct))
            {
                yield return e;
                lock (_gate) watcher.Waiting--; // whoever asks for the next has given this one to where it belongs
            }
        }
        finally
        {
            lock (_gate) _watchers.Remove(watcher);
        }
    }

    /// <summary>What was repaired.</summary>
    public List<string> Repaired { get; } = [];

    /// <summary>The recording that cannot be repaired.</summary>
    public string? CannotRepair { get; set; }

    public Task<IReadOnlyDictionary<string, (long Bytes, TimeSpan Duration)>> RepairRecordingAsync(string directory, CancellationToken ct = default)
    {
        if (Path.GetFileName(directory) == CannotRepair) throw new IOException("as the test wishes");
        Repaired.Add(directory);
        return Task.FromResult<IReadOnlyDictionary<string, (long Bytes, TimeSpan Duration)>>(Directory.GetFiles(directory, "*.webm").ToDictionary(f => Path.GetFileName(f)!, f => (new FileInfo(f).Length, TimeSpan.FromSeconds(3))));
    }

    public RelayLoad ReadLoad() => throw new NotSupportedException();

    public int Watchers => _watchers.Count;

    /// <summary>Whether everything that was told has been taken by whoever watches.</summary>
    public bool IsHeard
    {
        get
        {
            lock (_gate) return _watchers.TrueForAll(w => w.Waiting == 0);
        }
    }

    public void Tell(RelayEvent e)
    {
        lock (_gate)
        {
            Happen(e);
            foreach (var w in _watchers)
            {
                w.Waiting++;
                w.Events.Writer.TryWrite(e);
            }
        }
    }

    /// <summary>Something happens and nobody hears of it.</summary>
    public void Happen(RelayEvent e)
    {
        lock (_gate)
        {
            switch (e)
            {
                case TransportConnected up:
                    Standing[(up.EndpointId, up.TransportId)] = (true, null);
                    break;
                case TransportEnded down:
                    Standing[(down.EndpointId, down.TransportId)] = (false, down.Why);
                    break;
                case TrackFlowChanged flow:
                    if (flow.Flowing) Flowing.Add(flow.TrackId);
                    else Flowing.Remove(flow.TrackId);
                    break;
            }
        }
    }

    public void EndEvents()
    {
        lock (_gate)
        {
            foreach (var w in _watchers) w.Events.Writer.Complete();
            _watchers.Clear();
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Restart(string epoch)
    {
        lock (_gate)
        {
            Epoch = epoch;
            Conferences.Clear();
            _transports.Clear();
            Standing.Clear();
            Flowing.Clear();
        }
    }

    /// <summary>The conference and endpoint whose tracks' ids or transports belong to an endpoint id.</summary>
    public string ConferenceOf(string endpoint)
    {
        lock (_gate) return Conferences.First(c => c.Value.ContainsKey(endpoint)).Key;
    }

    private TransportState StateOf(string conference, string endpoint, TransportSpec spec)
    {
        var key = (conference, endpoint, spec.Id);
        if (!_transports.TryGetValue(key, out var state) || state.Generation != spec.Generation)
        {
            _ports++;
            _transports[key] = state = new TransportState(spec.Id, $"ufrag{_ports}", $"password-of-the-relay-{_ports:0000}",
                [new IceCandidate("1", 1, 2130706431, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 10000 + _ports), "host", $"c{_ports}")],
                new DtlsFingerprint("sha-256", string.Join(':', Enumerable.Repeat("AB", 32))), spec.Generation);
        }

        if (spec.Raw is not null)
        {
            // A pair of ports, and nothing to prove.
            var rtp = state.Candidates[0] with { Address = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 12000 + ((state.Candidates[0].Address.Port - 10000) * 2)) };
            state = state with { Ufrag = "", Password = "", Candidates = [rtp, rtp with { Component = 2, Address = new(rtp.Address.Address, rtp.Address.Port + 1) }] };
        }

        var (isConnected, endedBy) = Standing.GetValueOrDefault((endpoint, spec.Id));
        return state with { IsConnected = isConnected, EndedBy = endedBy };
    }

    private static void Check(EndpointSpec endpoint, HashSet<string> tracks, EndpointSpec? before)
    {
        var transports = endpoint.Transports.Select(t => t.Id).ToHashSet();
        if (transports.Count != endpoint.Transports.Count) Refuse("two transports of one id");
        if (endpoint.Tracks.Any(t => !transports.Contains(t.TransportId)) || endpoint.Forwarders.Any(f => !transports.Contains(f.TransportId))) Refuse("an unknown transport");
        if (endpoint.Forwarders.Any(f => f.SourceTrackId is { } s && !tracks.Contains(s))) Refuse("an unknown track");
        if (endpoint.Forwarders.Any(f => endpoint.Tracks.Any(t => t.Id == f.SourceTrackId))) Refuse("an echo");
        foreach (var transport in endpoint.Transports)
        {
            var ssrcs = endpoint.Tracks.Where(t => t.TransportId == transport.Id).SelectMany(t => new[] { t.Ssrc, t.RtxSsrc })
                .Concat(endpoint.Forwarders.Where(f => f.TransportId == transport.Id).SelectMany(f => new[] { (uint?)f.Ssrc, f.RtxSsrc })).OfType<uint>().ToList();
            if (ssrcs.Distinct().Count() != ssrcs.Count) Refuse("a duplicate SSRC");
            if (before?.Transports.FirstOrDefault(t => t.Id == transport.Id) is { DtlsRole: not DtlsRole.Undecided } old && old.DtlsRole != transport.DtlsRole) Refuse("a role that flips");
        }
    }

    private sealed class Watcher
    {
        public Channel<RelayEvent> Events { get; } = Channel.CreateUnbounded<RelayEvent>();

        public int Waiting { get; set; }
    }

    private static void Refuse(string why) => throw new MediaRelayException(RelayFault.BadRequest, why);
}
