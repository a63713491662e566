// Package process runs programs that end with the program that started them, whatever happens.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// grace is how long a program may take to end by itself. etcd and the API server take up to two seconds; what
// takes longer waits for something that was stopped before it.
const grace = 4 * time.Second

// Process is a running program, leader of a process group of its own.
type Process struct {
	// Name is the program's in logs and messages.
	Name string
	// Log is the file that both its outputs go to.
	Log string

	command *exec.Cmd
	ended   chan struct{}
	err     error
}

// Options say how a program is started.
type Options struct {
	// Name of the log file, without its end; the program's own name where empty.
	Name string
	// Dir is the working directory; the caller's where empty.
	Dir string
	// Env is added to the caller's environment.
	Env []string
}

// Group starts programs and stops all of them.
type Group struct {
	logs string

	mutex     sync.Mutex
	processes []*Process
	stopped   bool
}

// NewGroup makes a group whose programs write their logs below a folder.
func NewGroup(logs string) (*Group, error) {
	if err := os.MkdirAll(logs, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of logs: %w", err)
	}
	return &Group{logs: logs}, nil
}

// Logs is the folder of all logs.
func (g *Group) Logs() string { return g.logs }

// Start starts a program. Its log is continued where it was started before under the same name.
func (g *Group) Start(options Options, program string, args ...string) (*Process, error) {
	name := options.Name
	if name == "" {
		name = filepath.Base(program)
	}
	path := filepath.Join(g.logs, name+".log")
	log, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	defer log.Close()

	command := exec.Command(program, args...)
	command.Dir = options.Dir
	command.Env = append(os.Environ(), options.Env...)
	command.Stdout, command.Stderr = log, log
	// A group of its own, so that its children can be stopped with it; and the kernel ends it where this
	// program is killed before it could.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.stopped {
		return nil, fmt.Errorf("starting %s: everything is being stopped", name)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	process := &Process{Name: name, Log: path, command: command, ended: make(chan struct{})}
	go process.wait()
	g.processes = append(g.processes, process)
	return process, nil
}

// Stop ends all programs, the youngest first, and waits for them.
func (g *Group) Stop() {
	g.mutex.Lock()
	g.stopped = true
	processes := g.processes
	g.processes = nil
	g.mutex.Unlock()

	var all sync.WaitGroup
	for i := len(processes) - 1; i >= 0; i-- {
		all.Go(processes[i].Stop)
	}
	all.Wait()
}

func (p *Process) wait() {
	p.err = p.command.Wait()
	close(p.ended)
}

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Err says how the program ended; nil while it runs.
func (p *Process) Err() error {
	select {
	case <-p.ended:
		if p.err == nil {
			return fmt.Errorf("%s ended; its log is %s", p.Name, p.Log)
		}
		return fmt.Errorf("%s ended (%w); its log is %s", p.Name, p.err, p.Log)
	default:
		return nil
	}
}

// Stop ends the program: politely first, by force after the grace.
func (p *Process) Stop() {
	p.signal(syscall.SIGCONT)
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(grace):
	}
	p.Kill()
}

// Kill ends the program and its children as a power failure would.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// Pause lets the program stand still until Resume.
func (p *Process) Pause() { p.signal(syscall.SIGSTOP) }

// Resume lets a paused program go on.
func (p *Process) Resume() { p.signal(syscall.SIGCONT) }

// signal reaches the whole group. A group that is gone has nothing left to be told.
func (p *Process) signal(signal syscall.Signal) {
	if err := syscall.Kill(-p.command.Process.Pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		fmt.Fprintf(os.Stderr, "signalling %s: %v\n", p.Name, err)
	}
}

// Succeeded says whether the program has ended without an error.
func (p *Process) Succeeded() bool {
	select {
	case <-p.ended:
		return p.err == nil
	default:
		return false
	}
}
