using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Asks others by IQ.</summary>
internal sealed class IqClient(PendingIqs pending, IStanzaRouter router, TimeProvider time) : IIqClient
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task<Iq> RequestAsync(string type, Jid from, Jid to, Element payload, TimeSpan? timeout = null, CancellationToken ct = default)
    {
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
        var request = Iq.Request(type, id, from, to, payload);
        var answer = pending.Add(request);
        try
        {
            await router.RouteAsync(request, ct);
            return await answer.Task.WaitAsync(timeout ?? DefaultTimeout, time, ct);
        }
        catch (TimeoutException)
        {
            return (Iq)request.ErrorReply(new StanzaError(StanzaCondition.RemoteServerTimeout));
        }
        finally
        {
            pending.Remove(request);
        }
    }
}
