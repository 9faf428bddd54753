using System.Net;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Server.Federation.Negotiation;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams;

namespace Parley.Xmpp.Server.Federation.Outgoing;

/// <summary>Asks authoritative servers about keys, each on a connection of its own (XEP-0220 section 2.2).</summary>
internal sealed class DialbackVerifier(ServerConnector connector, ILogger<DialbackVerifier> log) : IDisposable
{
    /// <summary>Questions under way at once: whoever connects decides whom we ask.</summary>
    public const int MostQuestions = 100;

    /// <summary>Questions under way at once on behalf of whoever connects from one network address, on however many streams (an IPv6 /64 counts as one).</summary>
    public const int MostOfAddress = 10;

    private readonly SemaphoreSlim _room = new(MostQuestions);
    private readonly Shares<IPAddress> _byAddress = new();

    /// <summary>Asks one, where there is room. Never throws.</summary>
    /// <param name="asker">Where whoever wants to be verified connects from; null: not known.</param>
    /// <param name="local">Ours.</param>
    /// <param name="remote">Theirs.</param>
    /// <param name="question">The question.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<DialbackVerdict> AskAsync(IPAddress? asker, string local, string remote, DialbackQuestion question, CancellationToken ct)
    {
        if (asker is null) return await AskAsync(local, remote, question, ct);
        var key = ConnectionGate.KeyOf(asker);
        if (!_byAddress.TryAdd(key, MostOfAddress)) return DialbackVerdict.Unknown;
        try
        {
            return await AskAsync(local, remote, question, ct);
        }
        finally
        {
            _byAddress.Remove(key);
        }
    }

    public void Dispose() => _room.Dispose();

    private async Task<DialbackVerdict> AskAsync(string local, string remote, DialbackQuestion question, CancellationToken ct)
    {
        if (!await _room.WaitAsync(TimeSpan.Zero, CancellationToken.None)) return DialbackVerdict.Unknown;
        try
        {
            var (stream, _) = await connector.RunAsync(local, remote, question, null, ct);
            return stream?.Verdict ?? DialbackVerdict.Unknown;
        }
        catch (OperationCanceledException)
        {
            return DialbackVerdict.Unknown;
        }
        catch (Exception e)
        {
            log.LogError(e, "Asking an authoritative server failed");
            return DialbackVerdict.Unknown;
        }
        finally
        {
            _room.Release();
        }
    }
}
