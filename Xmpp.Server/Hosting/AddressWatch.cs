using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Follows the advertised address: what a host name leads to, and what <c>auto</c> finds, may change. Calls that begin later use the new one, and clients that asked for services are told.</summary>
internal sealed class AddressWatch(ServerInfo server, XmppServerSettings settings, TimeProvider time, ILogger<AddressWatch> log) : BackgroundService
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private bool _isTold;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.IsLoopbackOnly || System.Net.IPAddress.TryParse(settings.Server.AdvertisedAddress, out _)) return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await Task.Run(Look, stoppingToken); // names and STUN are asked for synchronously
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private void Look()
    {
        var before = server.AdvertisedAddress;
        try
        {
            if (server.LookAgain()) log.LogWarning("Server:AdvertisedAddress: others reach this server at {Now} now, no longer at {Before}", server.AdvertisedAddress, before);
            _isTold = false;
        }
        catch (Exception e) when (e is StartFailureException or System.Net.NetworkInformation.NetworkInformationException)
        {
            // Once, not every half minute.
            if (!_isTold) log.LogWarning("{Reason} It stays {Address} until that is better", e.Message, before);
            _isTold = true;
        }
    }
}
