using Microsoft.Extensions.Logging;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Security;

/// <summary>A certificate and the files that it came from: when others lie there it is replaced, and while those cannot be used, as between the writing of the one and the other, the last good one stays.</summary>
internal sealed class WatchedCertificate : IDisposable
{
    private readonly CertificateFiles _files;
    private readonly ILogger _log;
    private volatile HeldCertificate _current;
    private string _stamp;
    private string? _failed;

    /// <summary>Reads it.</summary>
    /// <exception cref="StartFailureException">It cannot be used.</exception>
    public WatchedCertificate(CertificateFiles files, ILogger log) => (_files, _log, _stamp, _current) = (files, log, files.Stamp(), HeldCertificate.Load(files));

    /// <summary>What is shown.</summary>
    public HeldCertificate Current => _current;

    /// <summary>The file of the chain.</summary>
    public string Path => _files.Certificate;

    /// <summary>Why the new files cannot be used; null if there is nothing wrong.</summary>
    public string? Fault { get; private set; }

    /// <summary>Looks at the files. One caller at a time.</summary>
    public void Look()
    {
        var stamp = _stamp;
        try
        {
            stamp = _files.Stamp();
            if (stamp == _stamp)
            {
                (_failed, Fault) = (null, null);
                return;
            }

            // The one before is left to the collector: handshakes with it may be under way.
            (_current, _stamp, _failed, Fault) = (HeldCertificate.Load(_files), stamp, null, null);
            _log.LogInformation(302, "The certificate {Path} was replaced; the new one ends at {NotAfter:u}", _files.Certificate, _current.NotAfter);
        }
        catch (Exception e) when (e is StartFailureException or IOException or UnauthorizedAccessException)
        {
            // Said once for each state of the files.
            if (_failed == stamp) return;
            (_failed, Fault) = (stamp, $"The certificate {_files.Certificate} cannot be used, so the old one stays: {e.Message}");
            _log.LogWarning(303, "The certificate {Path} was replaced by one that cannot be used, so the old one stays: {Reason}", _files.Certificate, e.Message);
        }
    }

    public void Dispose() => _current.Dispose();
}
