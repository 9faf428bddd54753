using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>A server with a public name and address, and another machine that looks at it. Both know the names; there is no DNS server.</summary>
public sealed class DoctorLab : IDisposable
{
    public const string Domain = "chat.parley.dev", ServerAddress = "198.51.100.1", Outsider = "198.51.100.50";

    /// <summary>Where nobody is.</summary>
    public const string NobodysAddress = "198.51.100.99";

    /// <summary>An address that nobody outside can mean.</summary>
    public const string PrivateAddress = "10.9.8.7";

    private static readonly Dictionary<string, string> Names = new() { [Domain] = ServerAddress, ["other.parley.dev"] = Outsider };
    private readonly string _files = Directory.CreateTempSubdirectory("parley-doctor-").FullName;

    public DoctorLab()
    {
        (Inside, Outside) = (NetworkNamespace.Create(Names, withInterface: false), NetworkNamespace.Create(Names, withInterface: false));
        Inside.Connect("wan", Outside, "wan");
        Inside.Ip("addr", "add", ServerAddress + "/24", "dev", "wan");
        Outside.Ip("addr", "add", Outsider + "/24", "dev", "wan");
        // Whatever else is asked for is nowhere, rather than unroutable.
        Inside.Ip("route", "add", "default", "via", Outsider);
        Outside.Ip("route", "add", "default", "via", ServerAddress);
    }

    public NetworkNamespace Inside { get; }

    public NetworkNamespace Outside { get; }

    public ServerProcess Server { get; private set; } = null!;

    /// <summary>Starts the server with an account.</summary>
    public async Task StartAsync(params string[] settings)
    {
        // The documentation range that the lab is in is no public one to TURN.
        Server = await ServerProcess.StartAsync(Inside, settings: ["--Server:Domain", Domain, "--Turn:AllowedPeers:0", "198.51.100.0/24", .. settings]);
        Server.AddUser("ann@" + Domain, "pw");
    }

    /// <summary>Starts it anew with other settings, on the same data.</summary>
    public Task ChangeAsync(params string[] settings)
    {
        Server.Stop();
        return Server.StartAgainAsync(settings: ["--Server:Domain", Domain, "--Turn:AllowedPeers:0", "198.51.100.0/24", .. settings]);
    }

    /// <summary>Drops what comes in to some UDP ports of the server; null: nothing any more.</summary>
    public void Block(string? ports) => Inside.Nft(
        $$"""
        table inet doctor
        delete table inet doctor
        table inet doctor {
          chain in {
            type filter hook input priority 0;
            ct state established,related accept
            {{(ports is null ? "" : $"udp dport {ports} drop")}}
          }
        }
        """);

    /// <summary>Looks from both machines at once.</summary>
    public async Task FailsAsync(params string[] causes)
    {
        foreach (var report in await Task.WhenAll(LookFromOutsideAsync(), LookFromInsideAsync())) report.Fails(causes);
    }

    /// <summary>Looks from the server's own machine.</summary>
    public Task<DoctorReport> LookFromInsideAsync() => Task.Run(() => DoctorReport.Of(Server.Cli("doctor", "--json")));

    /// <summary>Looks from the other machine.</summary>
    /// <param name="clock">How its clock is off, in faketime's words; null: not at all.</param>
    public Task<DoctorReport> LookFromOutsideAsync(string? clock = null) => Task.Run(() =>
    {
        string[] doctor = ["dotnet", ServerProcess.Program, "doctor", "--server", Domain, "--user", "ann@" + Domain, "--password", "pw", "--json"];
        string[] command = clock is null ? doctor : ["faketime", "-f", clock, .. doctor];
        return DoctorReport.Of(Outside.Run(TimeSpan.FromSeconds(60), command[0], command[1..]));
    });

    /// <summary>A certificate for the domain.</summary>
    /// <returns>The settings that name it.</returns>
    public string[] MakeCertificate(DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + Domain, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Domain);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(from, to);
        var (pem, pemKey) = (Path.Combine(_files, "certificate.pem"), Path.Combine(_files, "key.pem"));
        File.WriteAllText(pem, certificate.ExportCertificatePem());
        File.WriteAllText(pemKey, key.ExportPkcs8PrivateKeyPem());
        return ["--Server:Certificate", pem, "--Server:CertificateKey", pemKey];
    }

    public void Dispose()
    {
        Server?.Dispose();
        Outside.Dispose();
        Inside.Dispose();
        Directory.Delete(_files, recursive: true);
    }
}

/// <summary>What the doctor said in JSON, as docs/doctor.md has it.</summary>
public sealed record DoctorReport(int ExitCode, JsonElement Json, string Text)
{
    public static DoctorReport Of(CommandResult result)
    {
        try
        {
            return new(result.ExitCode, JsonDocument.Parse(result.Output).RootElement, result.All);
        }
        catch (JsonException)
        {
            throw new InvalidOperationException("The doctor said no JSON: " + result.All);
        }
    }

    /// <summary>The causes of a verdict.</summary>
    public SortedSet<string> Causes(string verdict) =>
        [.. Json.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("verdict").GetString() == verdict).Select(f => f.GetProperty("cause").GetString()!)];

    /// <summary>The steps that something was well in.</summary>
    public HashSet<string> Well => [.. Json.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("verdict").GetString() == "ok").Select(f => f.GetProperty("step").GetString()!)];

    /// <summary>Asserts that these, and these alone, are what fails, and that each says what to change.</summary>
    public void Fails(params string[] causes)
    {
        Assert.True(Causes("failure").SetEquals(causes), $"expected {string.Join(", ", causes)}\n{Text}");
        Assert.Equal(causes.Length == 0 ? 0 : 1, ExitCode);
        Assert.All(Json.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("verdict").GetString() == "failure"), f => Assert.True(f.TryGetProperty("change", out _), Text));
    }
}
