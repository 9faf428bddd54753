using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>The conferences of one worker, on its thread.</summary>
/// <param name="services">The worker's.</param>
/// <param name="events">Takes what happens.</param>
/// <param name="limits">How much is taken on.</param>
/// <param name="candidates">Our side of every transport: candidates and fingerprint, at this moment.</param>
/// <param name="abandoned">Told of a conference that was given up.</param>
internal sealed class ConferenceTable(TransportServices services, IRelayEvents events, RelayLimits limits, Func<IReadOnlyList<IceCandidate>> candidates, Action<string>? abandoned = null)
{
    /// <summary>How often timers are looked at. Every deadline of a transport is served with this grain.</summary>
    public const long TickMs = 20;

    private const long FaultLogMs = 1_000;

    private readonly Dictionary<string, Conference> _conferences = [];
    private long _nextFaultLogMs = long.MinValue;
    private long _nextTickMs = long.MinValue;

    /// <summary>Whether a conference is here.</summary>
    public bool Has(string id) => _conferences.ContainsKey(id);

    /// <summary>Applies a request, whole or not at all.</summary>
    /// <exception cref="MediaRelayException">It was refused.</exception>
    public ConferenceState Modify(ModifyConference request, string epoch, long nowMs)
    {
        var conference = _conferences.GetValueOrDefault(request.ConferenceId);
        new RequestValidator(request, conference, limits, services.RawPorts).Check();
        if (request.Expire)
        {
            conference?.End(nowMs);
            _conferences.Remove(request.ConferenceId);
        }
        else
        {
            if (conference is null) _conferences.Add(request.ConferenceId, conference = new(request.ConferenceId, services, events));
            conference.Apply(request, nowMs);
        }

        CountLive();
        return new(epoch, request.Expire ? [] : [.. request.Endpoints.Select(e => StateOf(conference!.Endpoints[e.Id]))]);
    }

    /// <summary>Does what is due; says when to come back.</summary>
    public long Tick(long nowMs)
    {
        if (_conferences.Count == 0) return long.MaxValue;
        if (nowMs < _nextTickMs) return _nextTickMs;
        _nextTickMs = nowMs + TickMs;
        foreach (var conference in _conferences.Values)
        {
            Tick(conference, nowMs);
            if (conference.IsAbandoned(nowMs)) Abandon(conference, nowMs);
        }

        return _nextTickMs;
    }

    /// <summary>Ends everything.</summary>
    public void End(long nowMs)
    {
        foreach (var conference in _conferences.Values) conference.End(nowMs);
        _conferences.Clear();
        CountLive();
    }

    /// <summary>Ends everything by no fault of its own, and says so.</summary>
    public void Fail(long nowMs)
    {
        foreach (var conference in _conferences.Values) conference.Fail(nowMs);
        _conferences.Clear();
        CountLive();
    }

    private void Tick(Conference conference, long nowMs)
    {
        try
        {
            conference.Tick(nowMs);
        }
#pragma warning disable CA1031 // One conference's fault is not to stop the timers of all that come after it; it is logged and counted.
        catch (Exception e)
        {
            services.Counters.CountFault();
            if (nowMs < _nextFaultLogMs) return;
            _nextFaultLogMs = nowMs + FaultLogMs;
            services.Log.LogError(e, "A fault in a conference's timers");
        }
#pragma warning restore CA1031
    }

    private void Abandon(Conference conference, long nowMs)
    {
        services.Log.LogWarning("A conference is given up: nobody is there, and nobody has asked for anything since");
        conference.End(nowMs);
        _conferences.Remove(conference.Id);
        CountLive();
        abandoned?.Invoke(conference.Id);
    }

    private void CountLive() => services.Counters.SetLive(_conferences.Count, _conferences.Values.Sum(c => c.Endpoints.Count));

    private EndpointState StateOf(ConferenceEndpoint endpoint) => new(endpoint.Id, [.. endpoint.Transports.Values.Select(t => t.StateOf(candidates()))],
        [.. endpoint.Tracks.Values.Where(t => t.IsFlowing).Select(t => t.Spec.Id)]);
}
