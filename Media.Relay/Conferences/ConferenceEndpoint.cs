using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>A participant as the relay has it: made, updated and ended by specs that were validated.</summary>
internal sealed class ConferenceEndpoint : ITransportOwner
{
    private readonly TransportServices _services;
    private readonly Dictionary<string, RelayTransport> _transports = [];
    private readonly Dictionary<string, RelayTrack> _tracks = [];
    private readonly Dictionary<string, RelayForwarder> _forwarders = [];

    public ConferenceEndpoint(string id, Conference conference, TransportServices services)
    {
        (Id, Conference, _services) = (id, conference, services);
        Voice = conference.Speakers.Add();
    }

    public string Id { get; }

    public Conference Conference { get; }

    /// <summary>The name shown.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Its handle in the conference's speaker detection.</summary>
    public int Voice { get; }

    /// <summary>When what is heard of it in the mix was said; null where it says nothing.</summary>
    public HeardTimes? Heard
    {
        get
        {
            foreach (var track in _tracks.Values)
            {
                if (track.Heard is { } heard) return heard;
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public RawLiveness Liveness { get; } = new();

    /// <summary>Its wall clock, shared by its tracks.</summary>
    public SourceClock Clock { get; } = new();

    public IReadOnlyDictionary<string, RelayTransport> Transports => _transports;

    public IReadOnlyDictionary<string, RelayTrack> Tracks => _tracks;

    public IReadOnlyDictionary<string, RelayForwarder> Forwarders => _forwarders;

    /// <summary>Makes it what a spec says. What feeds its slots is settled afterwards, by <see cref="Conference"/>.</summary>
    public void Apply(EndpointSpec spec, long nowMs)
    {
        Name = spec.Name ?? "";
        var transports = spec.Transports.ToDictionary(t => t.Id);
        var forwarders = spec.Forwarders.ToDictionary(f => f.Id);
        var tracks = spec.Tracks.ToDictionary(t => t.Id);
        foreach (var old in _forwarders.Values.Where(f => !forwarders.TryGetValue(f.Spec.Id, out var wanted) || !f.CanBecome(wanted)).ToList()) End(old, nowMs);
        foreach (var old in _tracks.Values.Where(t => !tracks.TryGetValue(t.Spec.Id, out var wanted) || !t.CanBecome(wanted, TransportOf(wanted.TransportId))).ToList()) End(old, nowMs);
        foreach (var old in _transports.Values.Where(t => !transports.ContainsKey(t.Id)).ToList()) End(old, nowMs);

        foreach (var wanted in spec.Transports)
        {
            if (_transports.TryGetValue(wanted.Id, out var transport)) transport.Update(wanted, nowMs);
            else _transports.Add(wanted.Id, RelayTransport.Create(wanted, _services, this, nowMs));
        }

        foreach (var wanted in spec.Tracks)
        {
            if (_tracks.TryGetValue(wanted.Id, out var track)) track.Spec = wanted;
            else _tracks.Add(wanted.Id, new(wanted, this, _transports[wanted.TransportId], _services.Ntp));
        }

        foreach (var wanted in spec.Forwarders)
        {
            if (_forwarders.TryGetValue(wanted.Id, out var forwarder)) forwarder.Become(wanted);
            else _forwarders.Add(wanted.Id, new(wanted, _transports[wanted.TransportId], _services.Random));
        }
    }

    /// <summary>Ends all that it has.</summary>
    public void End(long nowMs)
    {
        foreach (var forwarder in _forwarders.Values.ToList()) End(forwarder, nowMs);
        foreach (var track in _tracks.Values.ToList()) End(track, nowMs);
        foreach (var transport in _transports.Values.ToList()) End(transport, nowMs);
        Conference.Speakers.Remove(Voice);
    }

    /// <summary>Whether a transport of it has not ended.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>Does what is due; every 20 ms.</summary>
    public void Tick(long nowMs)
    {
        IsAlive = false;
        foreach (var transport in _transports.Values)
        {
            transport.Tick(nowMs);
            IsAlive |= transport.Phase != TransportPhase.Ended;
        }

        foreach (var track in _tracks.Values)
        {
            if (track.UpdateFlow(nowMs)) PublishFlow(track);
        }
    }

    void ITransportOwner.OnConnected(RelayTransport transport, long nowMs) =>
        Conference.Publish(epoch => new TransportConnected(epoch, Conference.Id, Id, transport.Id));

    void ITransportOwner.OnEnded(RelayTransport transport, TransportEnd why, long nowMs) =>
        Conference.Publish(epoch => new TransportEnded(epoch, Conference.Id, Id, transport.Id, why));

    void ITransportOwner.Renew(RelayTrack track, long nowMs)
    {
        End(track, nowMs);
        _tracks.Add(track.Spec.Id, new(track.Spec, this, track.Transport, _services.Ntp));
        Conference.OnTrackRenewed(nowMs);
    }

    bool ITransportOwner.IsOnHold
    {
        get
        {
            // Asked with every tick: nothing is allocated.
            foreach (var track in _tracks.Values)
            {
                if (!track.Spec.Muted) return false;
            }

            return _tracks.Count > 0;
        }
    }

    /// <summary>A key of its telephone was pressed.</summary>
    public void OnKey(RelayTrack track, char key) => Conference.Publish(epoch => new KeyPressed(epoch, Conference.Id, Id, track.Spec.Id, key));

    private void PublishFlow(RelayTrack track)
    {
        Conference.OnFlowChanged();
        Conference.Publish(epoch => new TrackFlowChanged(epoch, Conference.Id, Id, track.Spec.Id, track.IsFlowing));
    }

    private RelayTransport TransportOf(string id) => _transports.GetValueOrDefault(id)!;

    private void End(RelayForwarder forwarder, long nowMs)
    {
        _forwarders.Remove(forwarder.Spec.Id);
        forwarder.End(nowMs);
    }

    private void End(RelayTrack track, long nowMs)
    {
        _tracks.Remove(track.Spec.Id);
        track.End(nowMs);
    }

    private void End(RelayTransport transport, long nowMs)
    {
        _transports.Remove(transport.Id);
        transport.Close(nowMs);
    }
}
