# Another user of the machine: gives up root's rights for those of nobody, then does what it is told.
# It stays in the directory it was started in and uses relative paths alone.
use strict;
use warnings;
use Errno;
use POSIX ();
use Socket;

$| = 1;
my $nobody = 65534;
$) = "$nobody $nobody";
POSIX::setgid($nobody) or die "setgid: $!\n";
POSIX::setuid($nobody) or die "setuid: $!\n";
die "still root\n" if $> == 0 || $< == 0 || $) =~ /\b0\b/ || POSIX::setuid(0);
$SIG{PIPE} = 'IGNORE';

my ($verb, @args) = @ARGV;
my %verbs = (
    # Each file's name and what became of the try to open it, for reading and for writing.
    open => sub {
        for my $file (@args) {
            for my $mode ('<', '+<') {
                my $opened = open(my $handle, $mode, $file);
                print "$file $mode ", $opened ? "opened" : "refused: $!", "\n";
            }
        }
    },
    connect => sub {
        socket(my $socket, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!\n";
        print connect($socket, pack_sockaddr_un($args[0])) ? "connected\n" : "refused: $!\n";
    },
    # Sends what it is given on standard input to a port and prints what comes back.
    http => sub {
        local $/;
        my $request = <STDIN>;
        my $socket = dial($args[0]);
        syswrite($socket, $request);
        while (sysread($socket, my $bytes, 65536)) { print $bytes; }
    },
    signal => sub {
        for my $signal (qw(TERM KILL STOP HUP)) {
            print "$signal ", kill($signal, $args[0]) ? "sent\n" : "refused: $!\n";
        }
    },
    # Makes a file that everybody may read and write.
    plant => sub {
        my ($file, $content) = @args;
        open(my $handle, '>', $file) or die "$file: $!\n";
        print $handle "$content\n";
        close($handle) or die "$file: $!\n";
        chmod(0666, $file) or die "$file: $!\n";
    },
    link => sub { symlink($args[0], $args[1]) or die "$args[1]: $!\n"; },
    # Listens, answers everybody in the same way and prints all it hears, until its input ends.
    listen => sub {
        my ($where, $answer) = @args;
        my $unix = $where !~ /^[0-9]+$/;
        socket(my $server, $unix ? PF_UNIX : PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
        setsockopt($server, SOL_SOCKET, SO_REUSEADDR, 1);
        bind($server, $unix ? pack_sockaddr_un($where) : pack_sockaddr_in($where, INADDR_LOOPBACK))
            or die "bind: $!\n";
        chmod(0666, $where) if $unix;
        listen($server, 50) or die "listen: $!\n";
        print "listening\n";
        my $watch = '';
        vec($watch, $_, 1) = 1 for (fileno(STDIN), fileno($server));
        my %clients;
        while (1) {
            select(my $ready = $watch, undef, undef, undef);
            last if vec($ready, fileno(STDIN), 1) && !sysread(STDIN, my $ignored, 1024);
            if (vec($ready, fileno($server), 1)) {
                accept(my $client, $server) or next;
                $clients{ fileno($client) } = $client;
                vec($watch, fileno($client), 1) = 1;
            }
            for my $number (keys %clients) {
                next unless vec($ready, $number, 1);
                if (sysread($clients{$number}, my $bytes, 65536)) {
                    print "heard: $bytes\n";
                    syswrite($clients{$number}, $answer);
                }
                else {
                    vec($watch, $number, 1) = 0;
                    close(delete $clients{$number});
                }
            }
        }
    },
);

sub dial {
    my ($port) = @_;
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!\n";
    connect($socket, pack_sockaddr_in($port, INADDR_LOOPBACK)) or die "connect: $!\n";
    return $socket;
}

($verbs{ $verb // '' } or die "no such verb\n")->();
