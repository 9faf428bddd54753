using System.Text;
using Parley.Media.Control;
using Parley.Media.Relay.Transports;
using static Parley.Media.Relay.Conferences.RequestValidator;

namespace Parley.Media.Relay.Conferences;

/// <summary>Validates what a request says of one endpoint against what it has now.</summary>
/// <param name="spec">What is wished.</param>
/// <param name="current">What there is; null for nothing.</param>
/// <param name="tracks">All tracks that the conference will have.</param>
/// <param name="rawPorts">Ports for transports without ICE; null where there are none.</param>
internal sealed class EndpointValidator(EndpointSpec spec, ConferenceEndpoint? current, IReadOnlyDictionary<string, MediaKind> tracks, IRawPorts? rawPorts)
{
    private const int MaxPayloads = 64, MaxExtensions = 32, MaxMid = 16, MaxCname = 255, MaxName = 1_024;

    public void Check()
    {
        if (spec.Name?.Length > MaxName) throw Bad($"The name of the endpoint {spec.Id} is longer than {MaxName} characters");
        CheckUnique(spec.Transports, t => t.Id, "transport");
        CheckUnique(spec.Forwarders, f => f.Id, "forwarder");
        foreach (var transport in spec.Transports) TransportValidator.Check(transport, current?.Transports.GetValueOrDefault(transport.Id), rawPorts);
        var known = spec.Transports.Select(t => t.Id).ToHashSet();
        CheckTracks(known);
        foreach (var forwarder in spec.Forwarders) CheckForwarder(forwarder, known);
        CheckOutgoingSsrcs();
    }

    private void CheckTracks(HashSet<string> transports)
    {
        var ssrcs = new HashSet<(string, uint)>();
        foreach (var track in spec.Tracks)
        {
            if (!transports.Contains(track.TransportId)) throw Bad($"The track {track.Id} names an unknown transport");
            CheckMap(track.Id, track.Mid, track.Payloads, track.Extensions);
            if (track.Ssrc is { } ssrc && !ssrcs.Add((track.TransportId, ssrc))) throw Bad($"The track {track.Id} has another's SSRC");
            if (track.RtxSsrc is { } rtx && !ssrcs.Add((track.TransportId, rtx))) throw Bad($"The track {track.Id} has another's SSRC for retransmissions");
        }
    }

    private void CheckForwarder(ForwarderSpec forwarder, HashSet<string> transports)
    {
        if (!transports.Contains(forwarder.TransportId)) throw Bad($"The forwarder {forwarder.Id} names an unknown transport");
        CheckMap(forwarder.Id, forwarder.Mid, forwarder.Payloads, forwarder.Extensions);
        if (Encoding.UTF8.GetByteCount(forwarder.Cname) is 0 or > MaxCname) throw Bad($"The CNAME of the forwarder {forwarder.Id} is empty or longer than {MaxCname} bytes");
        var isFed = forwarder.Feed is ForwarderFeed.Mix ? forwarder.Kind == MediaKind.Audio : forwarder.Feed is ForwarderFeed.Speaker or ForwarderFeed.Composed && forwarder.Kind == MediaKind.Video;
        if (forwarder.Feed != ForwarderFeed.Track && (!isFed || forwarder.SourceTrackId is not null)) throw Bad($"The forwarder {forwarder.Id} cannot be fed by {forwarder.Feed}");
        if (forwarder.SourceTrackId is not { } source) return;
        if (!tracks.TryGetValue(source, out var kind)) throw Bad($"The forwarder {forwarder.Id} names the unknown track {source}");
        if (kind != forwarder.Kind) throw Bad($"The forwarder {forwarder.Id} is of another kind than its track {source}");
    }

    /// <summary>An SSRC goes out on a transport for one slot and never for another, or two packets would be protected under one index (design section 5).</summary>
    private void CheckOutgoingSsrcs()
    {
        var seen = new HashSet<(string, uint)>();
        foreach (var forwarder in spec.Forwarders)
        {
            var was = current?.Forwarders.GetValueOrDefault(forwarder.Id);
            if (was is not null && !was.CanBecome(forwarder) && was.Forwarder.Packets > 0 && was.Spec.TransportId == forwarder.TransportId && (forwarder.Ssrc == was.Spec.Ssrc || (forwarder.RtxSsrc is not null && forwarder.RtxSsrc == was.Spec.RtxSsrc)))
                throw Bad($"The forwarder {forwarder.Id} has sent: what was negotiated for its SSRC no longer changes");
            CheckOutgoing(forwarder, forwarder.Ssrc, was, seen);
            if (forwarder.RtxSsrc is { } rtx) CheckOutgoing(forwarder, rtx, was, seen);
        }
    }

    private void CheckOutgoing(ForwarderSpec forwarder, uint ssrc, RelayForwarder? was, HashSet<(string, uint)> seen)
    {
        if (!seen.Add((forwarder.TransportId, ssrc))) throw Bad($"The forwarder {forwarder.Id} has another's SSRC");
        if (current?.Transports.GetValueOrDefault(forwarder.TransportId)?.Media is not { } media) return;
        var isItsOwn = was is not null && was.Spec.TransportId == forwarder.TransportId && was.Ssrcs.Contains(ssrc);
        if (!isItsOwn && (media.HasUsed(ssrc) || media.LocalSsrc == ssrc)) throw Bad($"The forwarder {forwarder.Id} has an SSRC that its transport has used already");
    }

    private static void CheckMap(string id, string? mid, IReadOnlyList<PayloadType> payloads, IReadOnlyList<HeaderExtension> extensions)
    {
        if (mid is not null && Encoding.UTF8.GetByteCount(mid) is 0 or > MaxMid) throw Bad($"The mid of {id} is empty or longer than {MaxMid} bytes");
        if (payloads.Count is 0 or > MaxPayloads) throw Bad($"{id} has no payload types, or more than {MaxPayloads}");
        var numbers = new HashSet<int>();
        foreach (var payload in payloads)
        {
            if (payload.Number is < 0 or > 127 || !numbers.Add(payload.Number)) throw Bad($"{id} has the payload type {payload.Number} twice, or it is none");
            if (payload.RtxNumber is { } rtx && rtx is < 0 or > 127) throw Bad($"{id} has the payload type {payload.RtxNumber}, which is none");
            if (payload.ClockRate <= 0 || string.IsNullOrEmpty(payload.Codec)) throw Bad($"The payload type {payload.Number} of {id} has no codec or clock");
        }

        if (extensions.Count > MaxExtensions || extensions.Any(e => e.Id is < 1 or > 255)) throw Bad($"{id} has too many header extensions, or an id outside 1 to 255");
    }
}
