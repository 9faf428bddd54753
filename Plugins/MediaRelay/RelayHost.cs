using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Media.Control;
using Parley.Media.Relay;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Native;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.MediaRelay;

/// <summary>Runs the relay in this process. Where the machine cannot carry media it says why, and everything else goes on.</summary>
public sealed class RelayHost(IOptions<MediaOptions> options, IServerInfo server, TurnSetup turn, ILoggerFactory logs, TimeProvider time, ILogger<RelayHost> log) : IHostedService, IDisposable
{
    // The server follows a host name, a router's address and its interfaces; here is only looked at what it knows.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private ITimer? _looking;
    private IPAddress? _advertised;
    private volatile MediaRelayService? _service;
    private volatile string _missing = "The media relay has not started yet";

    /// <summary>The relay.</summary>
    /// <exception cref="MediaRelayException">It does not run.</exception>
    public MediaRelayService Service => _service ?? throw new MediaRelayException(RelayFault.Unavailable, _missing);

    /// <summary>The relay; null while it does not run.</summary>
    public MediaRelayService? Running => _service;

    /// <summary>Why it does not run.</summary>
    public string Missing => _missing;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OpenSsl.TryLoad(out var reason))
        {
            _missing = reason;
            log.LogWarning("Calls are off, chat runs: {Reason}", reason);
            return Task.CompletedTask;
        }

        var advertised = server.AdvertisedAddress;
        var service = new MediaRelayService(
            new()
            {
                Workers = options.Value.Workers,
                FirstPort = options.Value.FirstPort,
                BindAddress = server.BindAddress,
                AdvertisedAddress = advertised,
                IsLoopbackOnly = server.IsLoopbackOnly,
                RawPorts = TurnOptions.TryReadPorts(options.Value.RawPorts, out var first, out var last) ? (first, last) : null,
                Limits = new RelayLimits { Conferences = options.Value.MaxConferences, EndpointsPerConference = options.Value.MaxParticipants, PictureConferences = options.Value.MaxPictureConferences },
                RecordedWords = MediaOptions.ReadPrompt(options.Value, out _),
                Parts = turn.PartsOf,
            }, logs);
        (_service, _advertised) = (service, advertised);
        _looking = time.CreateTimer(_ => Look(service), null, LookInterval, LookInterval);
        log.LogInformation("Media runs on UDP ports {First} to {Last}", service.Ports[0], service.Ports[^1]);
        foreach (var off in service.Off) log.LogWarning("{Off}", off);
        if (turn.Port is { } port) log.LogInformation("STUN and TURN run on port {Port}", port);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        var service = _service;
        (_missing, _service) = ("The media relay has stopped", null);
        turn.Stopped();
        _looking?.Dispose();
        service?.Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _looking?.Dispose();

    private void Look(MediaRelayService service)
    {
        var now = server.AdvertisedAddress;
        if (now.Equals(_advertised)) return;
        _advertised = now;
        service.Advertise(now);
        turn.Relay?.Advertise(now);
    }
}
