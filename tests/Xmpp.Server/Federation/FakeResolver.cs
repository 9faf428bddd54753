using System.Collections.Concurrent;
using System.Net;
using Parley.Xmpp.Server.Federation.Negotiation;
using Parley.Xmpp.Server.Federation.Resolution;

namespace Parley.tests.Xmpp.Server.Federation;

/// <summary>A DNS of the test's own.</summary>
internal sealed class FakeResolver : IServerResolver
{
    private readonly ConcurrentDictionary<string, ServerAddress[]> _addresses = new();

    public int Questions;

    /// <summary>Nobody is answered before this is done.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public void Set(string domain, params (int Port, bool IsTls)[] ports) => _addresses[domain] = [.. ports.Select(p => new ServerAddress(new IPEndPoint(IPAddress.Loopback, p.Port), p.IsTls))];

    public async ValueTask<(IReadOnlyList<ServerAddress> Addresses, PeerFailure? Failure)> ResolveAsync(string domain, CancellationToken ct)
    {
        Interlocked.Increment(ref Questions);
        await Gate.WaitAsync(ct);
        return (_addresses.TryGetValue(domain, out var all) ? (all, null) : ([], new PeerFailure("no address is known for it", true)));
    }
}
