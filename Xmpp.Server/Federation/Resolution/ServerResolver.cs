using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DnsClient;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation.Negotiation;
using Parley.Xmpp.Server.Security;

namespace Parley.Xmpp.Server.Federation.Resolution;

/// <summary>Where a server may be reached.</summary>
/// <param name="EndPoint">The address.</param>
/// <param name="IsTls">Whether TLS begins with the first byte.</param>
internal sealed record ServerAddress(IPEndPoint EndPoint, bool IsTls);

/// <summary>Finds the addresses of other servers.</summary>
internal interface IServerResolver
{
    /// <summary>The addresses of a domain's server in the order in which to try them; or why there are none.</summary>
    ValueTask<(IReadOnlyList<ServerAddress> Addresses, PeerFailure? Failure)> ResolveAsync(string domain, CancellationToken ct);
}

/// <summary>Finds them by DNS (RFC 6120 section 3.2, XEP-0368).</summary>
internal sealed class ServerResolver : IServerResolver
{
    /// <summary>Addresses of one domain that are tried; its owner may list more.</summary>
    public const int MostAddresses = 12;

    private const int StandardPort = 5269;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly XmppServerSettings _settings;
    private readonly IServerInfo _server;
    private readonly bool _usesOwnServers;
    private readonly Lazy<LookupClient> _dns;

    /// <summary>Asks the name servers of the settings, else the system's.</summary>
    public ServerResolver(XmppServerSettings settings, IServerInfo server)
    {
        (_settings, _server) = (settings, server);
        var servers = settings.Federation.Nameservers.Select(s => IPEndPoint.Parse(s)).Select(e => e.Port == 0 ? new IPEndPoint(e.Address, 53) : e).ToArray();
        _usesOwnServers = servers.Length > 0;
        _dns = new Lazy<LookupClient>(() =>
        {
            var options = _usesOwnServers ? new LookupClientOptions(servers) : new LookupClientOptions();
            (options.Timeout, options.Retries, options.ThrowDnsErrors) = (Patience, 1, false);
            return new LookupClient(options);
        });
    }

    /// <inheritdoc/>
    public async ValueTask<(IReadOnlyList<ServerAddress> Addresses, PeerFailure? Failure)> ResolveAsync(string domain, CancellationToken ct)
    {
        if (IPAddress.TryParse(domain.Trim('[', ']'), out var literal)) return MayReach(literal) ? ([new ServerAddress(new IPEndPoint(literal, StandardPort), false)], null) : ([], NoAddress);
        if (CertificateNames.Ascii(domain) is not { } ascii) return ([], new PeerFailure("it is no name that DNS could know", true));
        try
        {
            var records = await Task.WhenAll(RecordsAsync("_xmpps-server._tcp." + ascii, true, ct), RecordsAsync("_xmpp-server._tcp." + ascii, false, ct));
            var targets = SrvOrder.Of(records.SelectMany(r => r), RandomNumberGenerator.GetInt32);
            // RFC 2782: a lone target "." says that there is no such service.
            if (targets.Count > 0 && targets.All(t => t.Host.Length == 0)) return ([], new PeerFailure("its DNS records say that it has no XMPP server", true));
            // Without any record the domain itself is asked (RFC 6120 section 3.2.2).
            if (targets.Count == 0) targets = [new SrvTarget(0, 0, ascii, StandardPort, false)];
            var addresses = new List<ServerAddress>();
            foreach (var target in targets.Where(t => t.Host.Length > 0))
            {
                if (addresses.Count >= MostAddresses) break;
                addresses.AddRange((await AddressesAsync(target.Host, ct)).Where(MayReach).Select(a => new ServerAddress(new IPEndPoint(a, target.Port), target.IsTls)));
            }

            return addresses.Count > 0 ? ([.. addresses.Take(MostAddresses)], null) : ([], NoAddress);
        }
        catch (Exception e) when (e is DnsResponseException or SocketException or InvalidOperationException)
        {
            return ([], new PeerFailure($"DNS does not answer ({e.Message})", false));
        }
    }

    private static PeerFailure NoAddress => new("no address is known for it that may be connected to", true);

    // Whoever names a domain chooses where we connect: into networks of our own only where this server is part of one.
    private bool MayReach(IPAddress address) =>
        (_settings.Federation.PrivateAddresses ?? PublicReach.IsPrivate(_server.AdvertisedAddress)) || PublicReach.IsPublic(address);

    private async Task<IEnumerable<SrvTarget>> RecordsAsync(string name, bool isTls, CancellationToken ct)
    {
        var answer = await _dns.Value.QueryAsync(name + ".", QueryType.SRV, cancellationToken: ct);
        if (answer.HasError && answer.Header.ResponseCode != DnsHeaderResponseCode.NotExistentDomain) throw new DnsResponseException(answer.ErrorMessage);
        return answer.Answers.SrvRecords().Select(r => new SrvTarget(r.Priority, r.Weight, r.Target.Value.TrimEnd('.'), r.Port, isTls));
    }

    // The system knows /etc/hosts too; name servers of one's own are asked alone.
    private async Task<IEnumerable<IPAddress>> AddressesAsync(string host, CancellationToken ct)
    {
        if (!_usesOwnServers)
        {
            try
            {
                return await Dns.GetHostAddressesAsync(host, ct);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
            {
                return [];
            }
        }

        var answers = await Task.WhenAll(_dns.Value.QueryAsync(host + ".", QueryType.AAAA, cancellationToken: ct), _dns.Value.QueryAsync(host + ".", QueryType.A, cancellationToken: ct));
        return answers.SelectMany(a => a.Answers.AddressRecords()).Select(r => r.Address);
    }
}
