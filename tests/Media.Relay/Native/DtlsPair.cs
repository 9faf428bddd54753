using System.Diagnostics;
using Parley.Media.Core.Dtls;
using Parley.Media.Relay.Native;

namespace Parley.tests.Media.Relay.Native;

/// <summary>Two associations and what carries datagrams between them, in real time, as OpenSSL reads the wall clock.</summary>
internal sealed class DtlsPair : IDisposable
{
    private readonly OpenSslDtlsFactory _clients = new(), _servers = new();
    private readonly byte[] _room = new byte[2048];

    public DtlsPair() => (Client, Server) = (_clients.Create(), _servers.Create());

    public IDtlsEngine Client { get; }

    public IDtlsEngine Server { get; }

    public string ClientFingerprint => _clients.Fingerprint;

    public string ServerFingerprint => _servers.Fingerprint;

    /// <summary>What the network makes of a datagram: nothing, or some; told whether it goes to the server.</summary>
    public Func<byte[], bool, IEnumerable<byte[]>> Network { get; set; } = (datagram, _) => [datagram];

    public List<int> Lengths { get; } = [];

    /// <summary>Runs both until they are connected or one gives up.</summary>
    public TimeSpan Run(TimeSpan limit)
    {
        var watch = Stopwatch.StartNew();
        Client.Start(isServer: false);
        while (watch.Elapsed < limit)
        {
            while (Carry(Client, Server, toServer: true) | Carry(Server, Client, toServer: false))
            {
            }

            if (Client.State != DtlsState.Handshaking && Server.State is not (DtlsState.Handshaking or DtlsState.New)) break;
            var now = watch.ElapsedMilliseconds;
            var next = Math.Min(Client.Tick(now), Server.Tick(now));
            Thread.Sleep((int)Math.Clamp(next - now, 1, 20));
        }

        return watch.Elapsed;
    }

    public void Exchange()
    {
        while (Carry(Client, Server, toServer: true) | Carry(Server, Client, toServer: false))
        {
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _clients.Dispose();
        _servers.Dispose();
    }

    private bool Carry(IDtlsEngine from, IDtlsEngine to, bool toServer)
    {
        var any = false;
        for (int length; (length = from.WriteNext(_room)) > 0; any = true)
        {
            Lengths.Add(length);
            foreach (var datagram in Network(_room.AsSpan(0, length).ToArray(), toServer)) to.Receive(datagram);
        }

        return any;
    }
}
