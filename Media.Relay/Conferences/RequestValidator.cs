using Parley.Media.Control;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>Looks through a whole request before anything of it is applied, so that a refusal changes nothing.</summary>
internal sealed class RequestValidator(ModifyConference request, Conference? existing, RelayLimits limits, IRawPorts? rawPorts)
{
    private const int MaxId = 1_024;

    /// <summary>Validates.</summary>
    /// <exception cref="MediaRelayException">The request names something impossible, or a limit is reached.</exception>
    public void Check()
    {
        CheckId(request.ConferenceId, "conference");
        if (request.Expire) return;
        CheckEndpoints();
        if (request.Recording is { } recording) CheckRecording(recording);
        var tracks = CollectTracks();
        foreach (var spec in request.Endpoints)
        {
            var current = existing?.Endpoints.GetValueOrDefault(spec.Id);
            if (current is not null && request.ExpireEndpoints.Contains(spec.Id)) current = null;
            new EndpointValidator(spec, current, tracks, rawPorts).Check();
        }
    }

    internal static MediaRelayException Bad(string message) => new(RelayFault.BadRequest, message);

    internal static MediaRelayException Limit(string message) => new(RelayFault.ResourceConstraint, message);

    internal static void CheckId(string id, string what)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxId) throw Bad($"The {what}'s id is empty or too long");
    }

    internal static void CheckUnique<T>(IEnumerable<T> specs, Func<T, string> id, string what)
    {
        var seen = new HashSet<string>();
        foreach (var spec in specs)
        {
            CheckId(id(spec), what);
            if (!seen.Add(id(spec))) throw Bad($"The {what} {id(spec)} is there twice");
        }
    }

    private static void CheckRecording(RecordingSpec recording)
    {
        CheckId(recording.Id, "recording");
        if (!Path.IsPathFullyQualified(recording.Directory)) throw Bad("The recording's directory is not an absolute path");
        if (recording.MaxBytes < 0 || recording.MinFreeBytes < 0) throw Bad("A recording's bounds are not negative");
    }

    private void CheckEndpoints()
    {
        CheckUnique(request.Endpoints, e => e.Id, "endpoint");
        var staying = (existing?.Endpoints.Keys ?? []).Except(request.ExpireEndpoints).Union(request.Endpoints.Select(e => e.Id)).Count();
        if (staying > limits.EndpointsPerConference) throw Limit($"A conference has at most {limits.EndpointsPerConference} endpoints");
        foreach (var spec in request.Endpoints)
        {
            if (spec.Transports.Count > limits.TransportsPerEndpoint) throw Limit($"An endpoint has at most {limits.TransportsPerEndpoint} transports");
            if (spec.Tracks.Count > limits.TracksPerEndpoint) throw Limit($"An endpoint sends at most {limits.TracksPerEndpoint} tracks");
            if (spec.Forwarders.Count > limits.ForwardersPerEndpoint) throw Limit($"An endpoint receives at most {limits.ForwardersPerEndpoint} streams");
        }
    }

    /// <summary>The tracks that the conference will have, by id.</summary>
    private Dictionary<string, MediaKind> CollectTracks()
    {
        var named = request.Endpoints.Select(e => e.Id).Concat(request.ExpireEndpoints).ToHashSet();
        var staying = (existing?.Endpoints.Values ?? []).Where(e => !named.Contains(e.Id)).SelectMany(e => e.Tracks.Values.Select(t => t.Spec));
        var all = new Dictionary<string, MediaKind>();
        foreach (var track in staying.Concat(request.Endpoints.SelectMany(e => e.Tracks)))
        {
            CheckId(track.Id, "track");
            if (!all.TryAdd(track.Id, track.Kind)) throw Bad($"The track {track.Id} is there twice");
        }

        return all;
    }
}
