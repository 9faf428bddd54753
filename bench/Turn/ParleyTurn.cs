using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Media.Core.Turn;
using Parley.Media.Relay;
using Parley.Media.Relay.Turn;

namespace Parley.bench.Turn;

/// <summary>Our server as it runs, with one worker; measured is the worker's thread. Rates are off, as coturn's are.</summary>
internal sealed class ParleyTurn : ITurnPeer, ITurnKeys
{
    private readonly MediaRelayService _service;
    private readonly TurnRelay _relay;
    private readonly WorkerProbe _probe = new();

    public ParleyTurn()
    {
        var protocol = new TurnSettings
        {
            Realm = ITurnPeer.Realm,
            FirstPort = 50000,
            LastPort = 58999,
            AllocationsPerAccount = 100_000,
            BytesPerSecondPerAccount = 0,
            PacketsPerSecondPerAccount = 0,
        };
        _relay = new TurnRelay(
            new()
            {
                Protocol = protocol,
                Port = 0,
                BindAddress = IPAddress.Loopback,
                AdvertisedAddress = IPAddress.Loopback,
                IsLoopbackOnly = true,
                AllowedPeers = [IPNetwork.Parse("127.0.0.0/8")],
            }, this, NullLogger<TurnRelay>.Instance);
        _service = new(
            new()
            {
                Workers = 1,
                FirstPort = 0,
                BindAddress = IPAddress.Loopback,
                AdvertisedAddress = IPAddress.Loopback,
                IsLoopbackOnly = true,
                Parts = worker => [_relay.CreatePart(worker.Media), _probe],
            }, NullLoggerFactory.Instance);
        EndPoint = new IPEndPoint(IPAddress.Loopback, _relay.Port);
    }

    public IPEndPoint EndPoint { get; }

    public long CpuNanoseconds => _probe.Read().Nanoseconds;

    public TurnAccount? Find(string username) => new(TurnBenchClient.PasswordOf(username), "bench", IsGuest: false);

    public void Dispose() => _service.Dispose();
}
